//! The pictures that show a violation's plate: the very frame in which it was read best, and the plate
//! cut out of it.
//!
//! The frame comes out of the kept packets again, with the same pixels. Where it does not, because the
//! packets were let go, the evidence says so and shows none: another frame may show another plate.

use giaolo_domain::{MediaTime, PlatePlace, Reason};
use giaolo_evidence::FileRole;
use giaolo_media::{Frame, MediaError, PacketSpan, decode_span};

use crate::{
    error::PipelineError,
    evidence_stage::{EvidenceStage, Job},
    pictures::{Picture, Tools, crop_with_room, encoded, narrowed},
};

/// Room around the plate's text, as shares of its width and height: its rim, and what it is fixed to.
const ROOM_X: f32 = 0.25;
const ROOM_Y: f32 = 0.4;

/// Whether the plate is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlateShown {
    /// It is, or there is none to be shown.
    AsItShould,
    /// It was read, and its frame is not to be had any more.
    FrameGone,
}

impl PlateShown {
    /// Why it is not shown.
    pub(crate) fn why_not(self) -> Option<Reason> {
        (self == Self::FrameGone).then(|| Reason {
            code: "plate_frame_gone".to_owned(),
            vi: "Không còn giữ khung hình đã đọc biển số".to_owned(),
            en: "the frame in which the plate was read is not kept any more".to_owned(),
        })
    }
}

impl EvidenceStage<'_> {
    /// Adds the plate and its frame, where one was read.
    pub(crate) fn plate_pictures(
        &self,
        tools: &mut Tools,
        job: &Job,
        pictures: &mut Vec<Picture>,
    ) -> Result<PlateShown, PipelineError> {
        let Some(PlatePlace { at, bbox }) = job.plate.as_ref().and_then(|plate| plate.best) else {
            return Ok(PlateShown::AsItShould);
        };
        let Some(frame) = self.frame_of(job, at.time)?.filter(|frame| frame.stamp() == at) else {
            return Ok(PlateShown::FrameGone);
        };
        let still = tools.scaler.rgb_small(&frame, frame.whole())?;
        let (dx, dy) = (bbox.width() * ROOM_X, bbox.height() * ROOM_Y);
        let plate = crop_with_room(&still, &bbox, dx, dy);
        pictures.push(encoded(job, "plate-frame.jpg", FileRole::StillPlate, &still)?);
        pictures.push(encoded(job, "plate.jpg", FileRole::PlateCrop, &plate)?);
        Ok(PlateShown::AsItShould)
    }

    /// The frame of that time, out of the clip's packets or of earlier ones.
    fn frame_of(&self, job: &Job, time: MediaTime) -> Result<Option<Frame>, PipelineError> {
        let spans = [Some(&job.span), job.plate_span.as_ref()];
        let shows = |span: &&PacketSpan| span.start() <= time && time <= span.end();
        for span in spans.into_iter().flatten().filter(shows) {
            // Some streams refresh their pictures bit by bit and need more than the last keyframe.
            for part in [&narrowed(span, time, time), span] {
                if let Some(frame) = self.decoded(part, time)? {
                    return Ok(Some(frame));
                }
            }
        }
        Ok(None)
    }

    fn decoded(&self, span: &PacketSpan, time: MediaTime) -> Result<Option<Frame>, PipelineError> {
        let mut found = None;
        match decode_span(self.codec, span, &[time], &mut |frame| found = Some(frame)) {
            Ok(()) | Err(MediaError::FrameNotInSpan { .. }) => Ok(found),
            Err(error) => Err(error.into()),
        }
    }
}
