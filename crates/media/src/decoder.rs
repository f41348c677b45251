//! A decoder that takes packets whose `pts` is a serial number and gives upright frames with the
//! serial number of the packet that they came from.

use ffmpeg::codec::threading;
use ffmpeg::frame::Video;
use ffmpeg::{Error, codec, decoder};

use crate::ffi;
use crate::packet::StreamCodec;
use crate::upright::Orientation;

/// Decoder and turner of one stream.
pub(crate) struct FrameDecoder {
    decoder: decoder::Video,
    orientation: Orientation,
}

/// A frame out of the decoder.
pub(crate) struct DecodedPicture {
    pub picture: Video,
    /// The packet it came from; `None` where the decoder lost it.
    pub serial: Option<u64>,
    pub repaired: bool,
}

/// What a decoder answers.
pub(crate) enum Answer {
    Picture(Box<DecodedPicture>),
    /// It wants more packets.
    Hungry,
    /// Everything was given after the last packet.
    Finished,
}

impl FrameDecoder {
    pub(crate) fn open(stream: &StreamCodec, threads: usize) -> Result<Self, Error> {
        ffi::prepare();
        let parameters = stream.parameters();
        let codec = decoder::find(parameters.id()).ok_or(Error::DecoderNotFound)?;
        let mut context = codec::Context::from_parameters(parameters)?;
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            count: threads.max(1),
            ..Default::default()
        });
        let mut decoder = context.decoder();
        ffi::set_reorder_depth(&mut decoder, stream.reorder_depth());
        Ok(Self {
            decoder: decoder.open_as(codec)?.video()?,
            orientation: Orientation::from_matrix(stream.matrix()).unwrap_or_default(),
        })
    }

    /// Sends a packet. After it, ask until `Hungry`: then the next packet is always taken.
    pub(crate) fn send(&mut self, packet: &ffmpeg::Packet) -> Result<(), Error> {
        self.decoder.send_packet(packet)
    }

    /// Says that there are no more packets.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.decoder.send_eof()
    }

    /// The next frame in display order.
    pub(crate) fn receive(&mut self) -> Result<Answer, Error> {
        let mut picture = Video::empty();
        match self.decoder.receive_frame(&mut picture) {
            Ok(()) => {}
            Err(Error::Eof) => return Ok(Answer::Finished),
            Err(Error::Other { errno }) if errno == libc::EAGAIN => return Ok(Answer::Hungry),
            Err(error) => return Err(error),
        }
        let serial = picture.pts().and_then(|pts| u64::try_from(pts).ok());
        let repaired = ffi::was_repaired(&picture);
        let picture = match self.orientation.is_upright() {
            true => picture,
            false => self.orientation.turn(&picture)?,
        };
        Ok(Answer::Picture(Box::new(DecodedPicture { picture, serial, repaired })))
    }

    /// How many frames stand between decoding and display, as learnt so far.
    pub(crate) fn reorder_depth(&self) -> i32 {
        ffi::reorder_depth(&self.decoder)
    }
}
