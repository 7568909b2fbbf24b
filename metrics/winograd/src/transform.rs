//! Transforms of tiles, for as many channels at a time as a register holds.

use crate::points::Points;
use crate::register::Register;

/// A plane of as many channels as a register holds, `[height, width, lanes]`, and a tile of it, which may stick out.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) top: isize,
    pub(super) left: isize,
}

/// What P inputs along an axis become.
///
/// `factor` makes a register of one value.
#[inline(always)]
fn forward<R: Register, const P: usize>(
    points: &Points,
    d: [R; P],
    factor: impl Fn(f32) -> R,
) -> [R; P] {
    if P == 1 {
        return d;
    }
    let n = P / 2 - 1;
    let mut values = d;
    let (mut first, mut last) = (d[2 * n], d[2 * n + 1]);
    for k in 0..n {
        let factor = factor(points.all[k]);
        first = factor.multiply_add(d[2 * k], first);
        last = factor.multiply_add(d[2 * k + 1], last);
    }
    (values[0], values[P - 1]) = (first, last);
    for pair in 0..n {
        let (mut even, mut odd) = (d[2 * n], d[2 * n - 1]);
        for k in 0..n - 1 {
            let factor = factor(points.others[pair][k]);
            even = factor.multiply_add(d[2 * k + 2], even);
            odd = factor.multiply_add(d[2 * k + 1], odd);
        }
        let p = factor(points.powers[pair][1]);
        values[2 * pair + 1] = p.multiply_add(odd, even);
        values[2 * pair + 2] = p.multiply_subtract(odd, even);
    }
    values
}

/// The O outputs along an axis that P products give.
///
/// `factor` makes a register of one value.
#[inline(always)]
fn backward<R: Register, const P: usize, const O: usize>(
    points: &Points,
    m: [R; P],
    factor: impl Fn(f32) -> R,
) -> [R; O] {
    let mut outputs = [m[0]; O];
    if P == 1 {
        return outputs;
    }
    for output in outputs.iter_mut().skip(1) {
        *output = factor(0.0);
    }
    outputs[O - 1] = outputs[O - 1].add(m[P - 1]);
    for pair in 0..P / 2 - 1 {
        let (plus, minus) = (m[2 * pair + 1], m[2 * pair + 2]);
        let parts = [plus.add(minus), plus.subtract(minus)];
        for (exponent, output) in outputs.iter_mut().enumerate() {
            let power = factor(points.powers[pair][exponent]);
            *output = power.multiply_add(parts[exponent % 2], *output);
        }
    }
    outputs
}

/// Transforms the PY x PX inputs of a tile, zeros outside the plane: point (y, x) goes to
/// `target + (PX * y + x) * step`.
///
/// # Safety
/// The plane must be readable from `plane` on, and `R::LANES` values from each target on writable; the processor must have
/// the registers.
#[inline(always)]
pub(super) unsafe fn transform_inputs<R: Register, const PY: usize, const PX: usize>(
    [down, across]: [&Points; 2],
    plane: *const f32,
    place: Place,
    target: *mut f32,
    step: usize,
) {
    let Place { height, width, top, left } = place;
    let inside = left >= 0 && left as usize + PX <= width;
    // SAFETY: the caller's.
    let splat = |value| unsafe { R::splat(value) };
    let mut rows = [[splat(0.0); PX]; PY];
    for (y, row) in rows.iter_mut().enumerate() {
        let y = top + y as isize;
        if y < 0 || y as usize >= height {
            continue;
        }
        let start = plane.wrapping_offset((y * width as isize + left) * R::LANES as isize);
        let mut values = [splat(0.0); PX];
        for (x, value) in values.iter_mut().enumerate() {
            let column = left + x as isize;
            if inside || (column >= 0 && (column as usize) < width) {
                // SAFETY: row and column are in the plane; the rest is the caller's.
                *value = unsafe { R::load(start.wrapping_add(x * R::LANES)) };
            }
        }
        *row = forward(across, values, splat);
    }
    for x in 0..PX {
        let mut column = [splat(0.0); PY];
        for (value, row) in column.iter_mut().zip(&rows) {
            *value = row[x];
        }
        for (y, value) in forward(down, column, splat).into_iter().enumerate() {
            // SAFETY: the caller's.
            unsafe { value.store(target.add((PX * y + x) * step)) };
        }
    }
}

/// Writes the OY x OX outputs of a tile, as far as they are in the plane: from the products at
/// `source + (PX * y + x) * step`, plus the channels' `bias`, and no less than `least`.
///
/// # Safety
/// `R::LANES` values from `bias` and from each source on must be readable, the plane from `plane` on writable, and the
/// tile's first output in it; the processor must have the registers.
#[inline(always)]
pub(super) unsafe fn transform_products<
    R: Register,
    const PY: usize,
    const PX: usize,
    const OY: usize,
    const OX: usize,
>(
    [down, across]: [&Points; 2],
    source: *const f32,
    step: usize,
    [bias, least]: [R; 2],
    plane: *mut f32,
    place: Place,
) {
    let Place { height, width, .. } = place;
    let (top, left) = (place.top as usize, place.left as usize);
    // SAFETY: the caller's.
    let splat = |value| unsafe { R::splat(value) };
    let mut rows = [[splat(0.0); PX]; OY];
    for x in 0..PX {
        let mut column = [splat(0.0); PY];
        for (y, value) in column.iter_mut().enumerate() {
            // SAFETY: the caller's.
            *value = unsafe { R::load(source.add((PX * y + x) * step)) };
        }
        for (row, value) in rows.iter_mut().zip(backward::<R, PY, OY>(down, column, splat)) {
            row[x] = value;
        }
    }
    for (y, row) in rows.into_iter().enumerate().take(height - top) {
        // SAFETY: the row is in the plane.
        let start = unsafe { plane.add(((top + y) * width + left) * R::LANES) };
        let outputs = backward::<R, PX, OX>(across, row, splat);
        for (x, value) in outputs.into_iter().enumerate().take(width - left) {
            // What is not a number stays so: the maximum is the second operand then.
            let value = least.max(value.add(bias));
            // SAFETY: the column is in the plane.
            unsafe { value.store(start.add(x * R::LANES)) };
        }
    }
}
