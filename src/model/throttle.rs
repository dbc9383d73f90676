//! How fast AWS lets an account act: its published token buckets.
//!
//! Each holds for one account in one region, and each call takes one token, however much it asks
//! for: a `RunTask` of ten tasks counts once at the API and ten times where Fargate launches.

use super::capacity::BucketSpec;

/// Tasks that the service scheduler starts for one service in a minute, on Fargate and on EC2.
///
/// Source: AWS General Reference, Amazon ECS quotas, "Rate of tasks launched by a service".
pub const SERVICE_LAUNCHES_PER_MINUTE: u32 = 500;

/// The same on Fargate, in regions where less is given.
///
/// Source: as for [`SERVICE_LAUNCHES_PER_MINUTE`].
pub const SERVICE_LAUNCHES_PER_MINUTE_ELSEWHERE: u32 = 125;

/// Tasks that one `RunTask` can start.
///
/// Source: ECS API, `RunTask`, `count`.
pub const TASKS_PER_RUN_TASK_MAX: u32 = 10;

/// Published buckets.
impl BucketSpec {
    /// Tasks that Fargate launches in its 16 large regions. On-Demand and Spot have a bucket each;
    /// tasks of ECS and pods of EKS share it.
    ///
    /// Source: ECS Developer Guide, AWS Fargate throttling quotas; AWS General Reference.
    pub const FARGATE_LAUNCHES: Self = bucket(100, 20);

    /// Tasks that Fargate launches in all other regions.
    ///
    /// Source: AWS General Reference, Fargate quotas.
    pub const FARGATE_LAUNCHES_ELSEWHERE: Self = bucket(25, 5);

    /// Calls of `RunTask` for tasks on Fargate, besides [`Self::CLUSTER_RESOURCE_MODIFY`].
    ///
    /// Source: ECS Developer Guide, AWS Fargate throttling quotas.
    pub const FARGATE_RUN_TASK: Self = bucket(20, 20);

    /// `CreateCluster`, `DeleteCluster` and the like.
    ///
    /// Source: ECS API, request throttling; so are the following.
    pub const CLUSTER_MODIFY: Self = bucket(20, 1);

    /// `DescribeClusters`, `ListClusters`.
    pub const CLUSTER_READ: Self = bucket(50, 20);

    /// `RegisterTaskDefinition`, `DeregisterTaskDefinition`.
    pub const TASK_DEFINITION_MODIFY: Self = bucket(20, 1);

    /// `DescribeTaskDefinition`, `ListTaskDefinitions`.
    pub const TASK_DEFINITION_READ: Self = bucket(50, 20);

    /// `CreateCapacityProvider`, `PutClusterCapacityProviders` and the like.
    pub const CAPACITY_PROVIDER_MODIFY: Self = bucket(10, 1);

    /// `RunTask`, `StartTask`, `StopTask`, `UpdateContainerInstancesState`.
    pub const CLUSTER_RESOURCE_MODIFY: Self = bucket(100, 40);

    /// `DescribeTasks`, `ListTasks`, `DescribeContainerInstances`.
    pub const CLUSTER_RESOURCE_READ: Self = bucket(100, 20);

    /// What the agent sends: `SubmitTaskStateChange`, `DiscoverPollEndpoint`.
    pub const AGENT_MODIFY: Self = bucket(200, 120);

    /// `CreateService`, `UpdateService`, `DeleteService`.
    pub const SERVICE_MODIFY: Self = bucket(50, 5);

    /// `DescribeServices`, `ListServices`.
    pub const SERVICE_READ: Self = bucket(100, 20);

    /// `GetTaskProtection`, `UpdateTaskProtection`.
    pub const TASK_PROTECTION: Self = bucket(200, 80);
}

const fn bucket(burst: u32, per_second: u32) -> BucketSpec {
    BucketSpec { burst, per_second }
}
