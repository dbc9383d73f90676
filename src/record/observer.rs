//! Who listens: observers, and how several become one.

use super::Record;

/// Something that learns what happens in a run, as it happens, and answers nothing.
///
/// Push, not pull: the engine does not know who listens, and a listener cannot disturb it. The
/// engine is generic over its observer, so a run pays only for what was asked of it; combine
/// several in a tuple.
pub trait Observer {
    /// Takes note of one record.
    fn on_record(&mut self, record: &Record<'_>);
}

impl Observer for () {
    fn on_record(&mut self, _: &Record<'_>) {}
}

impl<O: Observer> Observer for &mut O {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        (**self).on_record(record);
    }
}

/// An observer that may be absent.
impl<O: Observer> Observer for Option<O> {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        if let Some(observer) = self {
            observer.on_record(record);
        }
    }
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        self.0.on_record(record);
        self.1.on_record(record);
    }
}

impl<A: Observer, B: Observer, C: Observer> Observer for (A, B, C) {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        self.0.on_record(record);
        self.1.on_record(record);
        self.2.on_record(record);
    }
}
