"""The section of docs/performance.md that measurements fill."""

import functools

from contest import FEW_IMAGES, Failure

NETWORKS = ("InceptionV3", "ViT-B/14")  # in the order of metrics.py
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"


def section(contest, machine, versions, busy):
    """The section's text in Markdown, without its markers."""
    lines = [
        "| what | `bench` | reference | times as fast | numbers agree to |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [line for row in contest.rows for label in row.peers for line in comparison(contest, row, label)]
    times = {1: "once", 2: "twice"}.get(contest.rounds, f"{contest.rounds} times")
    lines += [
        "",
        f"Measured on {machine}. {versions}. Every contestant ran {times}, in turn, and its fastest run counts.",
    ]
    if contest.limit:
        lines += ["", limit(contest)]
    if busy > 0.1:
        lines += ["", f"**Other work took {busy:.0%} of the cores when this began: the times are too long on both sides.**"]
    return "\n".join(lines)


def comparison(contest, row, label):
    """Table lines of `bench` against one peer."""
    ours, theirs = contest.best[row.name, "bench"], contest.best[row.name, label]
    agreement = f"{contest.agreements[row.name, label]:.0e}"
    title = row.title
    if row.start_up:
        rates = [rate(contest, row, contestant) for contestant in ("bench", label)]
        cells = [f"{rates[0]:.1f} images/s", f"{label} {rates[1]:.1f} images/s", f"{rates[0] / rates[1]:.1f}"]
        yield f"| {title} | {' | '.join(cells)} | {agreement} |"
        title = f"the same, the whole command on {contest.tools.images} images"
    show = seconds
    if row.steps:
        show, agreement = functools.partial(steps_per_second, row.steps), "same networks"
    times = theirs.seconds / ours.seconds
    cells = [show(ours), f"{label} {show(theirs)}", f"{times:.2f}" if times < 2 else f"{times:.1f}"]
    yield f"| {title} | {' | '.join(cells)} | {agreement} |"


def rate(contest, row, label):
    """Images a second beyond start-up."""
    added = contest.best[row.name, label].seconds - contest.start_up[row.name, label].seconds
    if added <= 0:
        raise Failure(f"{row.name}: {label} took no longer for more images; give more with --images")
    return (contest.tools.images - FEW_IMAGES) / added


def limit(contest):
    """What the extraction rows are to be measured by."""
    in_product, *networks = contest.limit.values
    in_second = in_product / contest.limit.seconds
    sentences = [f"A large float32 product of numpy makes {in_second / 1e9:.0f} G multiplications a second on the same threads."]
    for network, multiplications in zip(NETWORKS, networks, strict=True):
        most = in_second / multiplications
        rows = [row for row in contest.rows if row.network == network and row.start_up]
        rates = [(label, rate(contest, row, label)) for row in rows for label in row.contestants]
        shares = [f"{label} {found / most:.0%}" for label, found in rates]
        if shares:
            sentences.append(
                f"{network} takes {multiplications / 1e9:.2f} G for an image if they are all multiplied out: {most:.1f} images/s "
                f"would be the limit of that, and with decoding, resizing and statistics the contestants make of it, row by row: "
                f"{', '.join(shares)}."
            )
    return "\n".join(sentences)


def steps_per_second(steps, result):
    return f"{steps / result.seconds:.3g} steps/s"


def seconds(result):
    value = result.seconds
    return f"{value:.1f} s" if value >= 10 else f"{value:.2f} s" if value >= 0.1 else f"{1000 * value:.0f} ms"


def replace(path, text):
    """Puts the text between the markers of the document."""
    document = path.read_text()
    if not 0 <= document.find(BEGIN) < document.find(END):
        raise Failure(f"{path} has no lines {BEGIN} and {END}; put them where the table belongs")
    before, rest = document.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
