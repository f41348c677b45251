//! Drawing on copies of the picture.
