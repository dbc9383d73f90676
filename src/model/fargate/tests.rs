//! Fargate sizes against the published lists, and against a plain search.

use super::*;

fn misfit(cpu: u32, memory: u32) -> Option<Misfit> {
    let refusal = FargateSize::exact(Size::new(cpu, memory)).err()?;
    Some(refusal.because)
}

fn up(cpu: u32, memory: u32) -> Result<Size, TooLarge> {
    FargateSize::round_up(Size::new(cpu, memory)).map(FargateSize::size)
}

#[test]
fn tv_040_sizes_that_exist() {
    let valid = "256/512, 256/1024, 256/2048, 512/1024, 512/4096, 1024/2048, 1024/8192, 2048/4096,
        2048/16384, 4096/8192, 4096/30720, 8192/16384, 8192/20480, 8192/61440, 16384/32768,
        16384/40960, 16384/122880, 32768/61440, 32768/122880, 32768/249856";
    for pair in valid.split(',') {
        let (cpu, memory) = pair.trim().split_once('/').unwrap();
        let size = Size::new(cpu.parse().unwrap(), memory.parse().unwrap());
        assert_eq!(FargateSize::exact(size).map(FargateSize::size), Ok(size));
        assert_eq!(FargateSize::round_up(size).map(FargateSize::size), Ok(size));
    }
}

#[test]
fn tv_041_sizes_that_do_not_exist() {
    let between = Some(Misfit::BetweenSteps);
    let little = Some(Misfit::TooLittleMemory);
    let much = Some(Misfit::TooMuchMemory);
    let cpu = Some(Misfit::NoSuchCpu);
    assert_eq!(misfit(256, 3072), much);
    assert_eq!(misfit(256, 1536), between);
    assert_eq!(misfit(512, 512), little);
    assert_eq!(misfit(512, 1536), between);
    assert_eq!(misfit(512, 5120), much);
    assert_eq!(misfit(1024, 1024), little);
    assert_eq!(misfit(1024, 9216), much);
    assert_eq!(misfit(2048, 3072), little);
    assert_eq!(misfit(4096, 7168), little);
    assert_eq!(misfit(4096, 31744), much);
    assert_eq!(misfit(8192, 18432), between);
    assert_eq!(misfit(8192, 65536), much);
    assert_eq!(misfit(16384, 36864), between);
    assert_eq!(misfit(16384, 131_072), much);
    assert_eq!(misfit(32768, 65536), between);
    assert_eq!(misfit(128, 512), cpu);
    assert_eq!(misfit(3072, 8192), cpu);
}

#[test]
fn tv_042_ephemeral_storage_has_its_range() {
    let allowed = [19, 20, 21, 200, 201].map(|gib| EPHEMERAL_STORAGE_GIB.contains(&gib));
    assert_eq!(allowed, [false, true, true, true, false]);
}

#[test]
fn tv_042_windows_begins_at_one_vcpu_and_ends_at_four() {
    let on_windows = |cpu, memory| {
        let exact = FargateSize::exact_on(OperatingSystem::Windows, Size::new(cpu, memory));
        exact.err().map(|refusal| refusal.because)
    };
    assert_eq!(on_windows(512, 1_024), Some(Misfit::NoSuchCpu));
    assert_eq!(on_windows(1_024, 2_048), None);
    assert_eq!(on_windows(1_024, 1_024), Some(Misfit::TooLittleMemory));
    assert_eq!(on_windows(2_048, 16_384), None);
    assert_eq!(on_windows(4_096, 30_720), None);
    assert_eq!(on_windows(4_096, 31_744), Some(Misfit::TooMuchMemory));
    assert_eq!(on_windows(8_192, 16_384), Some(Misfit::NoSuchCpu));
}

#[test]
fn going_up_on_windows_stays_within_its_sizes() {
    let up = |cpu, memory| {
        let size = Size::new(cpu, memory);
        FargateSize::round_up_on(OperatingSystem::Windows, size).map(FargateSize::size)
    };
    assert_eq!(up(0, 0), Ok(Size::new(1_024, 2_048)));
    assert_eq!(up(256, 512), Ok(Size::new(1_024, 2_048)));
    assert_eq!(up(1_024, 8_193), Ok(Size::new(2_048, 9_216)));
    assert_eq!(up(4_096, 30_720), Ok(Size::new(4_096, 30_720)));
    assert_eq!(up(4_097, 512), Err(TooLarge::Cpu));
    assert_eq!(up(256, 30_721), Err(TooLarge::Memory));
}

#[test]
fn what_is_too_large_depends_on_the_operating_system() {
    assert_eq!(
        TooLarge::Memory.to_string(),
        "it asks for more than the 249856 MiB of memory that Fargate has at most"
    );
    assert_eq!(
        TooLarge::Cpu.explained_on(OperatingSystem::Windows),
        "it asks for more than the 4096 CPU units that Fargate for Windows has at most"
    );
    let small = Size::new(512, 1_024);
    let refusal = FargateSize::exact_on(OperatingSystem::Windows, small).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "Fargate for Windows has no size of 512 CPU units"
    );
    assert_eq!(
        refusal.hint(),
        "Fargate for Windows has sizes of 1024, 2048, 4096 CPU units; \
         the next valid amount is `1024`"
    );
}

#[test]
fn tv_043_going_up_finds_the_published_sizes() {
    // What EKS adds to a pod, 256 MiB, is part of what is asked for here: ECS adds nothing, and EKS is
    // no platform of a scenario yet.
    assert_eq!(up(0, 256), Ok(Size::new(256, 512)));
    assert_eq!(up(1_024, 8_448), Ok(Size::new(2_048, 9_216)));
    assert_eq!(up(256, 768), Ok(Size::new(256, 1_024)));
    assert_eq!(up(256, 2_304), Ok(Size::new(512, 3_072)));
    assert_eq!(up(4_096, 30_976), Ok(Size::new(8_192, 32_768)));
}

#[test]
fn going_up_ends_at_the_largest_size() {
    assert_eq!(up(0, 0), Ok(Size::new(256, 512)));
    assert_eq!(up(32_768, 249_856), Ok(Size::new(32_768, 249_856)));
    assert_eq!(up(256, 122_881), Ok(Size::new(32_768, 249_856)));
    assert_eq!(up(32_769, 512), Err(TooLarge::Cpu));
    assert_eq!(up(256, 249_857), Err(TooLarge::Memory));
    assert_eq!(up(u32::MAX, u32::MAX), Err(TooLarge::Cpu));
}

#[test]
fn going_up_finds_the_first_of_all_sizes_that_holds_the_request() {
    let mut all = Vec::new();
    for cpu in [256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768] {
        for memory in (512..=249_856).step_by(512) {
            all.extend(FargateSize::exact(Size::new(cpu, memory)));
        }
    }
    assert_eq!(all.len(), 3 + 4 + 7 + 13 + 23 + 12 + 12 + 3);
    for cpu in (1..33_000).step_by(257) {
        for memory in (1..250_000).step_by(509) {
            let asked = Size::new(cpu, memory);
            let first = all.iter().find(|offered| asked.fits(offered.size()));
            assert_eq!(FargateSize::round_up(asked).ok().as_ref(), first);
        }
    }
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_would_be_right() {
    let check = |cpu, memory, message: &str, hint: &str| {
        let refusal = FargateSize::exact(Size::new(cpu, memory)).unwrap_err();
        assert_eq!(refusal.to_string(), message);
        assert_eq!(refusal.hint(), hint);
    };
    check(
        1_024,
        512,
        "512 MiB is too little memory for 1024 CPU units on Fargate",
        "1024 CPU units take 2048 to 8192 MiB in steps of 1024; the smallest valid memory is `2048`",
    );
    check(
        256,
        4_096,
        "4096 MiB is too much memory for 256 CPU units on Fargate",
        "256 CPU units take 512, 1024 or 2048 MiB; the largest valid memory is `2048`",
    );
    check(
        8_192,
        18_432,
        "18432 MiB is between two memory sizes of 8192 CPU units on Fargate",
        "8192 CPU units take 16384 to 61440 MiB in steps of 4096; the next valid memory is `20480`",
    );
    check(
        3_072,
        8_192,
        "Fargate has no size of 3072 CPU units",
        "Fargate has sizes of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 CPU units; \
         the next valid amount is `4096`",
    );
}
