#!/usr/bin/env python3
"""Numerical tests: our filters and roll-ups beside SciPy and pandas, on the same numbers.

Sets the two up in build/numeric (requirements.txt) and runs itself there. Needs our program
(cmake --build BUILD --target numeric_answers).
"""

import argparse
import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")

SEED = 20261124
HAMPEL_WINDOW = 7


def set_up(cache):
    """The Python that has what requirements.txt wants."""
    python = cache / "bin/python"
    stamp = cache / "made-of"
    wanted = REQUIREMENTS.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(cache, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    return python


def ask(program, what, **question):
    answer = subprocess.run(
        [program, what], input=json.dumps(question), capture_output=True, text=True, check=True
    )
    return json.loads(answer.stdout)


def hampel(program):
    """Judged as SciPy's MAD of the last seven says."""
    import numpy
    from scipy import stats

    dice = numpy.random.default_rng(SEED)
    n, sigmas, floor = 20_000, 4.0, 0.5
    value = 230 + 3 * numpy.sin(numpy.arange(n) / 500) + dice.normal(0, 0.3, n)
    spikes = numpy.arange(20, n, 37)
    value[spikes] += dice.choice([-1, 1], len(spikes)) * dice.uniform(20, 60, len(spikes))
    ours = ask(program, "hampel", value=value.tolist(), sigmas=sigmas, floor=floor)

    windows = numpy.lib.stride_tricks.sliding_window_view(value, HAMPEL_WINDOW)
    median = numpy.median(windows, axis=1)
    limit = numpy.maximum(sigmas * stats.median_abs_deviation(windows, axis=1, scale="normal"), floor)
    outlier = numpy.abs(windows[:, -1] - median) > limit
    # One near the last good sample is good, too: a slope is no outlier.
    last_good = value[HAMPEL_WINDOW - 2]
    for i, newest in enumerate(windows[:, -1]):
        outlier[i] &= abs(newest - last_good) > limit[i]
        last_good = last_good if outlier[i] else newest

    verdict = numpy.array(ours["verdict"][HAMPEL_WINDOW - 1 :])
    numpy.testing.assert_array_equal(verdict == 1, outlier)
    numpy.testing.assert_array_equal(numpy.array(ours["median"][HAMPEL_WINDOW - 1 :]), median)
    assert outlier[spikes - HAMPEL_WINDOW + 1].all()
    return f"{n} samples, {outlier.sum()} outliers, {len(spikes)} of them spikes"


def low_pass(program):
    """An RC circuit as SciPy discretises it for an input that is held, and its exact step response."""
    import numpy
    from scipy import signal

    dice = numpy.random.default_rng(SEED)
    n, tau, dt = 20_000, 10.0, 1.3
    value = dice.normal(0, 1, n).cumsum()
    ours = ask(program, "low_pass", value=value.tolist(), dt=[dt] * n, tau=tau)["value"]
    _, (_, pole), *_ = signal.cont2discrete(([1.0], [tau, 1.0]), dt, method="zoh")
    alpha = 1 + pole
    expected, _ = signal.lfilter([alpha], [1, pole], value[1:], zi=[-pole * value[0]])
    numpy.testing.assert_allclose(ours[1:], expected, rtol=1e-12, atol=1e-9)

    uneven = dice.uniform(0.01, 40, 500)
    step = ask(program, "low_pass", value=[0.0] + [1.0] * 500, dt=[0.0, *uneven], tau=tau)["value"]
    numpy.testing.assert_allclose(step[1:], 1 - numpy.exp(-uneven.cumsum() / tau), rtol=1e-12)
    return f"{n} samples against lfilter, 500 uneven ones against 1 - exp(-t / tau)"


def resampled(time_ms, value, valid, begin, end, hold_ms, step):
    """Buckets by pandas: the value cut at each sample, where it ends to hold, and at each minute."""
    import numpy
    import pandas

    cuts = numpy.concatenate([time_ms, time_ms + hold_ms, numpy.arange(begin, end + 1, 60_000)])
    cuts = numpy.unique(cuts[(cuts >= begin) & (cuts <= end)])
    holder = numpy.searchsorted(time_ms, cuts[:-1], side="right") - 1
    held = (holder >= 0) & valid[holder] & (cuts[:-1] < time_ms[holder] + hold_ms)
    frame = pandas.DataFrame(
        {"value": numpy.where(held, value[holder], numpy.nan), "ms": numpy.where(held, numpy.diff(cuts), 0)},
        index=pandas.to_datetime(cuts[:-1], unit="ms"),
    )
    frame["integral"] = frame["value"] * frame["ms"]
    buckets = frame.resample(step)
    found = buckets["value"].agg(["min", "max", "last"])
    found["covered_ms"] = buckets["ms"].sum()
    found["average"] = buckets["integral"].sum() / found["covered_ms"]
    found["energy"] = buckets["integral"].sum() / 3_600_000
    counts = pandas.Series(1, index=pandas.to_datetime(time_ms, unit="ms")).resample(step).sum()
    found["count"] = counts.reindex(found.index, fill_value=0)
    return found[(found["count"] > 0) | (found["covered_ms"] > 0)]


def rollups(program):
    """Time-weighted buckets of uneven samples with gaps and invalid values."""
    import numpy

    dice = numpy.random.default_rng(SEED)
    begin, hours, hold_ms = 1_790_002_800_000, 48, 300_000
    begin -= begin % 3_600_000
    end = begin + hours * 3_600_000
    gaps = numpy.where(dice.random(40_000) < 0.002, dice.integers(60_000, 4_000_000, 40_000), 0)
    time_ms = begin - 20_000 + (dice.integers(1, 8_000, 40_000) + gaps).cumsum()
    time_ms = time_ms[time_ms < end]
    n = len(time_ms)
    value = numpy.round(dice.normal(500, 300, n), 1)
    valid = dice.random(n) > 0.03
    ours = ask(
        program, "rollups", time_ms=time_ms.tolist(), value=value.tolist(), valid=valid.tolist(),
        from_ms=begin, to_ms=end, hold_ms=hold_ms,
    )
    compared = 0
    for step, buckets in ours.items():
        expected = resampled(time_ms, value, valid, begin, end, hold_ms, step)
        starts = expected.index.astype("int64").to_numpy() // 1_000_000
        numpy.testing.assert_array_equal([bucket["start_ms"] for bucket in buckets], starts)
        numpy.testing.assert_array_equal([bucket["count"] for bucket in buckets], expected["count"])
        for column in ("min", "max", "last", "covered_ms", "average", "energy"):
            mine = numpy.array([bucket[column] for bucket in buckets], dtype=float)
            numpy.testing.assert_allclose(mine, expected[column], rtol=1e-9, err_msg=f"{step} {column}")
        compared += len(buckets)
    return f"{n} samples, {compared} buckets of {', '.join(ours)}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build-dir", type=Path, default=ROOT / "build/release", help="where ours is built")
    parser.add_argument(
        "--cache-dir", type=Path, default=ROOT / "build/numeric", help="where SciPy and pandas are set up"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="that the two can not be set up is no failure"
    )
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        try:
            python = set_up(arguments.cache_dir)
        except subprocess.CalledProcessError as why:
            print(f"not run: {why}")
            sys.exit(0 if arguments.allow_missing else 1)
        sys.exit(subprocess.run([python, __file__, "--inside", *sys.argv[1:]], check=False).returncode)
    program = arguments.build_dir / "tests/numeric/numeric_answers"
    for test in (hampel, low_pass, rollups):
        print(f"{test.__name__:<10} {test(program)}", flush=True)


if __name__ == "__main__":
    main()
