// Axes: where a value lies, and round numbers to label.

/** 1, 2 or 5 times a power of ten, so that `count` steps cover about `width`. */
function roundStep(width, count) {
  const rough = width / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= rough * 0.999);
}

function linearTicks(low, high, count) {
  const step = roundStep(high - low, count);
  const ticks = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}

/** 1, 2 and 5 of each decade, or decades alone where those would be many. */
function logTicks(low, high) {
  const decades = Math.log10(high / low);
  const digits = decades > 4 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const digit of digits) {
      const tick = Number((digit * 10 ** power).toPrecision(12));
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks.length > 1 ? ticks : linearTicks(low, high, 4);
}

/** Maps `low..high` to `from..to` pixels. */
function makeScale(low, high, from, to, log) {
  const bent = log ? Math.log : (value) => value;
  const [start, end] = [bent(low), bent(high)];
  const share = (value) => (bent(value) - start) / (end - start);
  const unbent = log ? Math.exp : (value) => value;
  return {
    at: (value) => from + share(value) * (to - from),
    value: (pixel) => unbent(start + ((pixel - from) / (to - from)) * (end - start)),
    ticks: (count) => (log ? logTicks(low, high) : linearTicks(low, high, count)),
  };
}

/** The lowest and highest of some values with a little air; a single value gets some on both sides. */
function airyRange(values, log) {
  if (!values.length) return log ? [1, 10] : [0, 1];
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (log) {
    const air = Math.max((high / low) ** 0.04, 1.05);
    return [low / air, high * air];
  }
  const air = (high - low) * 0.04 || Math.abs(high) * 0.1 || 1;
  return [low - air, high + air];
}

/** A number as an axis or a readout writes it: up to five digits. */
function shownNumber(value) {
  if (value === null || value === undefined) return MISSING;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits, power] = value.toExponential(2).split("e");
    return `${Number(digits)}e${Number(power)}`.replaceAll("-", "−");
  }
  return String(Number(value.toPrecision(5))).replace("-", "−");
}
