//! Follows road users over time: from the detections of one frame after another to tracks.
