//! A comparison as people read it.

use std::fmt;

use super::{Comparison, Difference, Estimate, Evaluation};
use crate::record::SHOWN_DIGITS;

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (letter, side) in [("A", &self.a), ("B", &self.b)] {
            let seeds: Vec<String> = side.seeds.iter().map(u64::to_string).collect();
            writeln!(
                f,
                "{letter}: {}/{}, experiment {}, budget {}, seeds {}\n",
                side.suite,
                side.name,
                side.experiment.get(..SHOWN_DIGITS).unwrap_or(&side.experiment),
                side.budget,
                seeds.join(", ")
            )?;
        }
        writeln!(f, "| Measure | A | B | A − B | 95 % interval | p | Seeds needed |")?;
        writeln!(f, "| :--- | ---: | ---: | ---: | ---: | ---: | ---: |")?;
        for difference in &self.measures {
            writeln!(f, "{}", row(difference))?;
        }
        writeln!(f)?;
        for note in &self.notes {
            writeln!(f, "- {note}")?;
        }
        Ok(())
    }
}

/// A line of the table.
fn row(difference: &Difference) -> String {
    const MISSING: &str = "–";
    let decimals = difference.decimals;
    let number = |value: f64| format!("{value:.decimals$}");
    let estimate = |Estimate { n, mean, std }: Estimate| {
        let std = std.map_or_else(String::new, |std| format!(" ± {}", number(std)));
        format!("{}{std} (n = {n})", number(mean))
    };
    let interval =
        difference.interval.map(|(low, high)| format!("{} to {}", number(low), number(high)));
    let p = difference.p.map(|p| if p < 1e-3 { "< 0.001".to_owned() } else { format!("{p:.3}") });
    let evaluation = match difference.evaluation {
        Evaluation::Last => "",
        Evaluation::Best => " best",
    };
    let missing = || MISSING.to_owned();
    format!(
        "| {}{evaluation} {} | {} | {} | {} | {} | {} | {} |",
        difference.title,
        difference.direction.arrow(),
        estimate(difference.a),
        estimate(difference.b),
        number(difference.difference),
        interval.unwrap_or_else(missing),
        p.unwrap_or_else(missing),
        difference.seeds_needed.map_or_else(missing, |seeds| seeds.to_string()),
    )
}
