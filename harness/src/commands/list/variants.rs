//! `bench list variants`: the registry of GANs, as lines or as the page `docs/variants.md`.

use std::fmt::Write as _;

use bench_models::networks::Dimensions;
use bench_models::sources::{SOURCES, Source};
use bench_models::variants::{Published, VARIANTS, Variant};

use crate::output::outln;

/// Classes and channels that parameters are counted for.
const CLASSES: i64 = 10;
const CHANNELS: i64 = 3;

/// How the variants are listed.
#[derive(Debug, clap::Args)]
pub struct VariantsArgs {
    /// Print everything that is known of each as Markdown, the text of docs/variants.md.
    #[arg(long)]
    markdown: bool,
}

/// Prints the list.
pub(super) fn run(args: &VariantsArgs) -> anyhow::Result<()> {
    let text = if args.markdown { page()? } else { lines() };
    outln!("{}", text.trim_end())?;
    Ok(())
}

fn lines() -> String {
    let width = VARIANTS.iter().map(|v| v.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for variant in VARIANTS {
        let mut line = |label: &str, line: &str| {
            text += format!("{label:<width$} {line}").trim_end();
            text.push('\n');
        };
        line(variant.name, variant.summary);
        line("", &format!("source: {}", variant.source));
        for published in variant.published {
            line("", &format!("published: {}, {}", value(published), published.source));
        }
    }
    text
}

/// `fid 19.988 (cifar10)`
fn value(published: &Published) -> String {
    format!("{} {} ({})", published.metric, published.value, published.dataset)
}

fn page() -> anyhow::Result<String> {
    let mut text = String::from(
        "# Variants\n\n\
         <!-- Written by `bench list variants --markdown` from models/src/variants/. -->\n\n\
         Every GAN that `bench run` and `bench all` can train: where it comes from, what it \
         consists of and what its source reports. What each report states of its models, what is \
         done here, and why where the two differ, stands in one table a report, before them; what \
         concerns one model alone, in its notes. A recipe holds every hyper-parameter; its keys can be \
         overridden by `--set KEY=VALUE` and are explained in `models/src/recipe.rs`. Options \
         that are 0 or an empty list are off and left out below. Parameters are counted for RGB \
         images of the source's size and 10 classes.\n\n\
         | variant | size | labels | generator | discriminator | published |\n\
         | --- | ---: | --- | ---: | ---: | --- |\n",
    );
    for variant in VARIANTS {
        let (generator, discriminator) = parameter_counts(variant);
        let published: Vec<String> = variant.published.iter().map(value).collect();
        writeln!(
            text,
            "| [`{name}`](#{name}) | {size} | {labels} | {generator} | {discriminator} | {} |",
            published.join(", "),
            name = variant.name,
            size = variant.image_size,
            labels = if variant.conditional { "yes" } else { "no" },
        )?;
    }
    text += "\n## What the reports state\n";
    for source in SOURCES {
        text += &stated(source)?;
    }
    for variant in VARIANTS {
        text += &section(variant)?;
    }
    Ok(text)
}

/// What a report states and what is done, as a table.
fn stated(source: &Source) -> Result<String, std::fmt::Error> {
    let mut text = format!(
        "\n### {}\n\n{}; suite `{}`.\n\n\
         | what | stated | done | why |\n\
         | --- | --- | --- | --- |\n",
        source.name, source.title, source.suite
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for row in source.stated {
        let why = row.why.unwrap_or("as stated");
        let [what, says, done, why] = [row.what, row.says, row.done, why].map(cell);
        writeln!(text, "| {what} | {says} | {done} | {why} |")?;
    }
    Ok(text)
}

/// A link to the table of a report on the same page.
fn link(source: &Source) -> String {
    let name = source.name.to_lowercase();
    let kept = name.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c));
    format!("[{}](#{})", source.name, kept.collect::<String>().replace(' ', "-"))
}

fn section(variant: &Variant) -> anyhow::Result<String> {
    let (generator, discriminator) = parameter_counts(variant);
    let mut text = format!(
        "\n## {}\n\n{}.\n\n\
         - Source: {}.\n\
         - Architecture: {}.\n\
         - Parameters at {size}x{size}: generator {generator}, discriminator {discriminator}.\n",
        variant.name,
        capitalised(variant.summary),
        variant.source,
        variant.architecture,
        size = variant.image_size,
    );
    let reports: Vec<String> = variant.reports().map(link).collect();
    if !reports.is_empty() {
        writeln!(text, "- What is stated and what is done: {}.", reports.join(", "))?;
    }
    for published in variant.published {
        writeln!(
            text,
            "- Published: {}, {}; {}.",
            value(published),
            published.source,
            published.protocol
        )?;
    }
    for note in variant.notes {
        writeln!(text, "- Note: {note}")?;
    }
    write!(text, "\n```toml\n{}```\n", recipe(variant)?)?;
    Ok(text)
}

/// The recipe as TOML, without the options that are off.
fn recipe(variant: &Variant) -> anyhow::Result<String> {
    let text = toml::to_string(&(variant.recipe)())?;
    // A 0 inside a table (an optimiser's beta1) is a choice, not an option that is off.
    let (options, tables) = text.split_at(text.find("\n[").map_or(text.len(), |at| at + 1));
    let on = |line: &&str| ![" = 0", " = 0.0", " = []"].iter().any(|off| line.ends_with(off));
    let mut shown: String = options.lines().filter(on).flat_map(|line| [line, "\n"]).collect();
    shown += tables;
    Ok(shown)
}

/// Trainable parameters of generator and discriminator, in groups of three digits.
fn parameter_counts(variant: &Variant) -> (String, String) {
    let dimensions =
        Dimensions { size: variant.image_size.into(), channels: CHANNELS, classes: CLASSES };
    let (generator, discriminator) = variant.parameter_counts(dimensions);
    (grouped(generator), grouped(discriminator))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        let texts = [0, 999, 1_000, 12_658_435].map(grouped);
        assert_eq!(texts, ["0", "999", "1 000", "12 658 435"]);
    }

    #[test]
    fn links_are_those_that_markdown_gives_headings() {
        let oh = SOURCES.iter().find(|source| source.name.starts_with("Oh")).unwrap();
        let anchor = "#oh-building-a-conditional-gan-for-cifar-10)";
        assert!(link(oh).ends_with(anchor), "{}", link(oh));
        assert!(stated(oh).unwrap().contains("gamma/2 \\|grad D\\|^2"));
    }

    #[test]
    fn every_recipe_reads_back_as_it_was_written() {
        for variant in VARIANTS {
            let stated = (variant.recipe)();
            let text = toml::to_string(&stated).unwrap();
            let read: bench_models::Recipe = toml::from_str(&text).unwrap();
            assert_eq!(read, stated, "{}", variant.name);
        }
    }

    #[test]
    fn options_that_are_off_are_left_out_and_an_optimisers_zeros_are_not() {
        let sagan = bench_models::variants::find("sagan64").unwrap();
        let text = recipe(sagan).unwrap();
        assert!(text.contains("gradient_penalty = 10.0\n"), "{text}");
        assert!(!text.contains("dragan"), "{text}");
        assert!(text.contains("[generator_optimizer]\n"), "{text}");
        assert!(text.contains("beta1 = 0.0\n"), "{text}");
    }
}
