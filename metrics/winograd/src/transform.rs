//! Transforms of tiles, for sixteen channels at a time.

use std::arch::x86_64::*;

use crate::LANES;
use crate::points::Points;

/// A plane of `LANES` channels, `[height, width, LANES]`, and a tile of it, which may stick out.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) top: isize,
    pub(super) left: isize,
}

/// What P inputs along an axis become.
#[inline]
#[target_feature(enable = "avx512f")]
fn forward<const P: usize>(points: &Points, d: [__m512; P]) -> [__m512; P] {
    if P == 1 {
        return d;
    }
    let n = P / 2 - 1;
    let mut values = d;
    let (mut first, mut last) = (d[2 * n], d[2 * n + 1]);
    for k in 0..n {
        let factor = _mm512_set1_ps(points.all[k]);
        first = _mm512_fmadd_ps(factor, d[2 * k], first);
        last = _mm512_fmadd_ps(factor, d[2 * k + 1], last);
    }
    (values[0], values[P - 1]) = (first, last);
    for pair in 0..n {
        let (mut even, mut odd) = (d[2 * n], d[2 * n - 1]);
        for k in 0..n - 1 {
            let factor = _mm512_set1_ps(points.others[pair][k]);
            even = _mm512_fmadd_ps(factor, d[2 * k + 2], even);
            odd = _mm512_fmadd_ps(factor, d[2 * k + 1], odd);
        }
        let p = _mm512_set1_ps(points.powers[pair][1]);
        values[2 * pair + 1] = _mm512_fmadd_ps(p, odd, even);
        values[2 * pair + 2] = _mm512_fnmadd_ps(p, odd, even);
    }
    values
}

/// The O outputs along an axis that P products give.
#[inline]
#[target_feature(enable = "avx512f")]
fn backward<const P: usize, const O: usize>(points: &Points, m: [__m512; P]) -> [__m512; O] {
    let mut outputs = [m[0]; O];
    if P == 1 {
        return outputs;
    }
    for output in outputs.iter_mut().skip(1) {
        *output = _mm512_setzero_ps();
    }
    outputs[O - 1] = _mm512_add_ps(outputs[O - 1], m[P - 1]);
    for pair in 0..P / 2 - 1 {
        let (plus, minus) = (m[2 * pair + 1], m[2 * pair + 2]);
        let parts = [_mm512_add_ps(plus, minus), _mm512_sub_ps(plus, minus)];
        for (exponent, output) in outputs.iter_mut().enumerate() {
            let power = _mm512_set1_ps(points.powers[pair][exponent]);
            *output = _mm512_fmadd_ps(power, parts[exponent % 2], *output);
        }
    }
    outputs
}

/// Transforms the PY x PX inputs of a tile, zeros outside the plane: point (y, x) goes to
/// `target + (PX * y + x) * step`.
///
/// # Safety
/// The plane must be readable from `plane` on, and `LANES` values from each target on writable.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn transform_inputs<const PY: usize, const PX: usize>(
    [down, across]: [&Points; 2],
    plane: *const f32,
    place: Place,
    target: *mut f32,
    step: usize,
) {
    let Place { height, width, top, left } = place;
    let inside = left >= 0 && left as usize + PX <= width;
    let mut rows = [[_mm512_setzero_ps(); PX]; PY];
    for (y, row) in rows.iter_mut().enumerate() {
        let y = top + y as isize;
        if y < 0 || y as usize >= height {
            continue;
        }
        let start = plane.wrapping_offset((y * width as isize + left) * LANES as isize);
        let mut values = [_mm512_setzero_ps(); PX];
        for (x, value) in values.iter_mut().enumerate() {
            let column = left + x as isize;
            if inside || (column >= 0 && (column as usize) < width) {
                // SAFETY: row and column are in the plane.
                *value = unsafe { _mm512_loadu_ps(start.wrapping_add(x * LANES)) };
            }
        }
        *row = forward(across, values);
    }
    for x in 0..PX {
        let mut column = [_mm512_setzero_ps(); PY];
        for (value, row) in column.iter_mut().zip(&rows) {
            *value = row[x];
        }
        for (y, value) in forward(down, column).into_iter().enumerate() {
            // SAFETY: the caller's.
            unsafe { _mm512_storeu_ps(target.add((PX * y + x) * step), value) };
        }
    }
}

/// Writes the OY x OX outputs of a tile, as far as they are in the plane: from the products at
/// `source + (PX * y + x) * step`, plus the channels' `bias`, and no less than `least`.
///
/// # Safety
/// `LANES` values from `bias` and from each source on must be readable, the plane from `plane` on writable, and the
/// tile's first output in it.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn transform_products<
    const PY: usize,
    const PX: usize,
    const OY: usize,
    const OX: usize,
>(
    [down, across]: [&Points; 2],
    source: *const f32,
    step: usize,
    [bias, least]: [__m512; 2],
    plane: *mut f32,
    place: Place,
) {
    let Place { height, width, .. } = place;
    let (top, left) = (place.top as usize, place.left as usize);
    let mut rows = [[_mm512_setzero_ps(); PX]; OY];
    for x in 0..PX {
        let mut column = [_mm512_setzero_ps(); PY];
        for (y, value) in column.iter_mut().enumerate() {
            // SAFETY: the caller's.
            *value = unsafe { _mm512_loadu_ps(source.add((PX * y + x) * step)) };
        }
        for (row, value) in rows.iter_mut().zip(backward::<PY, OY>(down, column)) {
            row[x] = value;
        }
    }
    for (y, row) in rows.into_iter().enumerate().take(height - top) {
        // SAFETY: the row is in the plane.
        let start = unsafe { plane.add(((top + y) * width + left) * LANES) };
        let outputs = backward::<PX, OX>(across, row);
        for (x, value) in outputs.into_iter().enumerate().take(width - left) {
            // What is not a number stays so: the maximum is the second operand then.
            let value = _mm512_max_ps(least, _mm512_add_ps(value, bias));
            // SAFETY: the column is in the plane.
            unsafe { _mm512_storeu_ps(start.add(x * LANES), value) };
        }
    }
}
