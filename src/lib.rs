//! ecsim
