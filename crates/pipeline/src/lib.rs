//! Workers, bounded channels, back-pressure and metrics: one source from packets to stored evidence.
