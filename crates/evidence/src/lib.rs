//! What proves a violation: stills, clip, manifest, hash chain, signature, and their verification.
