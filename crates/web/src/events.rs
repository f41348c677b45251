//! What changed, told to whoever listens (server-sent events).

/// All listeners.
#[derive(Default)]
pub struct Events {}
