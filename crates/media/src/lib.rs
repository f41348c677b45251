//! Sources, demuxing, decoding, scaling, the packet ring and clips: everything that knows FFmpeg.
