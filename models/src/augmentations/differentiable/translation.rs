//! Translation by whole pixels.

use tch::{Kind, Tensor};

use super::pixels::{along, pairs};

/// Largest shift, as a share of the side.
const RATIO: f64 = 0.125;

/// Largest shift in pixels.
pub(super) fn most(side: i64) -> i64 {
    (side as f64 * RATIO + 0.5) as i64
}

/// Shifts each of `[n, c, h, w]` by its row of `shifts` `[n, 2]`, so that pixel (row, column) becomes that at
/// (row + first, column + second), 0 where that lies outside.
pub fn translate(images: &Tensor, shifts: &Tensor) -> Tensor {
    let size = images.size();
    let (height, width) = (size[2], size[3]);
    let source = |shift: &Tensor, side: i64| {
        let from = along(side, shift) + shift;
        let inside = from.ge(0).logical_and(&from.lt(side));
        (from, inside)
    };
    let (rows, columns) = pairs(shifts);
    let (from_rows, rows_inside) = source(&rows, height);
    let (from_columns, columns_inside) = source(&columns, width);
    let inside = rows_inside.unsqueeze(2).logical_and(&columns_inside.unsqueeze(1));
    let sources = from_rows.unsqueeze(2) * width + from_columns.unsqueeze(1);
    // Pixels from outside are taken from the first one, and then multiplied by 0.
    let sources = (sources * inside.to_kind(Kind::Int64)).view([size[0], 1, -1]);
    let inside = inside.to_kind(Kind::Float).view([size[0], 1, -1]);
    let moved = images.flatten(2, 3).gather(2, &sources.expand([-1, size[1], -1], false), false);
    (moved * inside).view(size.as_slice())
}
