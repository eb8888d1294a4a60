//! The picture that an authenticator scans.
//!
//! The encoder of the code and that of the picture work in memory of their own, which is not wiped: that is no place that
//! the seed is not in anyway, as a wrapped row and in an answer, but it is in the clear there until the memory is used again.

use kagiban_base::secret::SecretBytes;
use png::{BitDepth, ColorType, Encoder};
use qrcode::{Color, QrCode};

use crate::error::{IamError, InternalError};

/// Pixels of a module's side.
const MODULE: usize = 4;
/// Modules of white around the code (ISO/IEC 18004, section 9.1).
const MARGIN: usize = 4;

/// The QR code of a text, as a black and white PNG.
pub(super) fn png(text: &[u8]) -> Result<SecretBytes, IamError> {
    let code = QrCode::new(text).map_err(|_| InternalError::QrCode)?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = (width + 2 * MARGIN) * MODULE;
    let is_dark = |x: usize, y: usize| {
        let (x, y) = ((x / MODULE).checked_sub(MARGIN), (y / MODULE).checked_sub(MARGIN));
        let module = x.zip(y).filter(|(x, _)| *x < width).and_then(|(x, y)| modules.get(y * width + x));
        module == Some(&Color::Dark)
    };
    let row = |y: usize| {
        (0..side.div_ceil(8))
            .map(move |byte| (0..8).fold(0, |bits, bit| bits << 1 | u8::from(!is_dark(byte * 8 + bit, y))))
    };
    let pixels = SecretBytes::new((0..side).flat_map(row).collect());
    encode(side, &pixels).map_err(|_| InternalError::QrCode.into())
}

/// One bit a pixel, rows from the top, 1 for white.
fn encode(side: usize, pixels: &SecretBytes) -> Result<SecretBytes, png::EncodingError> {
    let mut out = Vec::with_capacity(pixels.len() + 1024);
    let side = u32::try_from(side).unwrap_or_default();
    let mut encoder = Encoder::new(&mut out, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.write_header()?.write_image_data(pixels.expose())?;
    Ok(SecretBytes::new(out))
}
