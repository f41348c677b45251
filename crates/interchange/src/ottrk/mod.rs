//! OpenTrafficCam's `.ottrk`: tracks of one video as JSON, mostly in bzip2.
//!
//! Written by OTVision, read by OTAnalytics. What differs from ours, and where it is settled:
//! - frames count from 1 there and from 0 here ([`read`], [`write`]);
//! - `x`, `y` is the box's top left corner since `otdet_version` 1.1 and its centre before ([`boxes`]);
//! - times are absolute, as text before `otdet_version` 1.2 and in seconds since ([`meta`]);
//! - classes are OpenTrafficCam's eighteen, or COCO's ([`classes`]).

mod boxes;
mod classes;
mod document;
mod meta;
mod read;
mod write;

pub use classes::{class_of_name, name_of_class};
pub use read::{OttrkTracks, read_ottrk};
pub use write::{OttrkSource, OttrkWriter};
