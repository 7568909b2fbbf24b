//! Text as pdfLaTeX takes it, in its default encodings and without packages.

/// Letters that LaTeX composes in its default font encoding.
const LETTERS: &str = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿĆćČčĎďĚěĞğİıŁłŃńŇňŐőŒœŘřŚśŞşŠšŤťŮůŰűŸŹźŻżŽž";

/// What other characters are written as.
const SPELT: &[(char, &str)] = &[
    ('\\', "\\textbackslash{}"),
    ('~', "\\textasciitilde{}"),
    ('^', "\\textasciicircum{}"),
    ('<', "\\textless{}"),
    ('>', "\\textgreater{}"),
    ('|', "\\textbar{}"),
    // A line of a tabular must not begin with a bracket.
    ('[', "{[}"),
    (']', "{]}"),
    ('\u{a0}', "~"),
    ('↑', "$\\uparrow$"),
    ('↓', "$\\downarrow$"),
    ('→', "$\\rightarrow$"),
    ('±', "$\\pm$"),
    ('×', "$\\times$"),
    ('·', "$\\cdot$"),
    ('≤', "$\\leq$"),
    ('≥', "$\\geq$"),
    ('≈', "$\\approx$"),
    ('∞', "$\\infty$"),
    ('√', "$\\surd$"),
    ('°', "$^\\circ$"),
    ('µ', "$\\mu$"),
    ('−', "$-$"),
    ('–', "--"),
    ('—', "---"),
    ('…', "\\dots{}"),
    ('†', "\\dag{}"),
    ('§', "\\S{}"),
    ('©', "\\copyright{}"),
    ('“', "``"),
    ('”', "''"),
    ('„', ",,"),
    ('‘', "`"),
    ('’', "'"),
    ('₀', "$_0$"),
    ('₁', "$_1$"),
    ('₂', "$_2$"),
    ('₃', "$_3$"),
    ('₄', "$_4$"),
    ('₅', "$_5$"),
    ('₆', "$_6$"),
    ('₇', "$_7$"),
    ('₈', "$_8$"),
    ('₉', "$_9$"),
    ('²', "$^2$"),
    ('³', "$^3$"),
    ('α', "$\\alpha$"),
    ('β', "$\\beta$"),
    ('γ', "$\\gamma$"),
    ('δ', "$\\delta$"),
    ('ε', "$\\varepsilon$"),
    ('η', "$\\eta$"),
    ('θ', "$\\theta$"),
    ('λ', "$\\lambda$"),
    ('μ', "$\\mu$"),
    ('π', "$\\pi$"),
    ('ρ', "$\\rho$"),
    ('σ', "$\\sigma$"),
    ('τ', "$\\tau$"),
    ('φ', "$\\varphi$"),
    ('ψ', "$\\psi$"),
    ('ω', "$\\omega$"),
    ('Δ', "$\\Delta$"),
    ('Σ', "$\\Sigma$"),
];

/// Escapes LaTeX's special characters, spells the signs that plain fonts lack, gives quotation marks their shapes, and sets
/// what stands in backticks in typewriter type. A character that pdfLaTeX cannot set is named by its number.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (mut quoted, mut code) = (false, false);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                escaped.push_str(if quoted { "''" } else { "``" });
                quoted = !quoted;
            }
            '`' if code => {
                escaped.push('}');
                code = false;
            }
            '`' if rest.as_str().contains('`') => {
                escaped.push_str("\\texttt{");
                code = true;
            }
            '`' => escaped.push_str("\\textasciigrave{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => escaped.push(' '),
            c => push(&mut escaped, c),
        }
    }
    escaped
}

fn push(escaped: &mut String, c: char) {
    match SPELT.iter().find(|(spelt, _)| *spelt == c) {
        Some((_, spelling)) => escaped.push_str(spelling),
        None if c.is_ascii() || LETTERS.contains(c) => escaped.push(c),
        None => escaped.push_str(&format!("\\texttt{{U+{:04X}}}", u32::from(c))),
    }
}

/// Characters that a text takes on the page.
pub(super) fn plain_length(text: &str) -> usize {
    text.chars().filter(|c| *c != '`').count()
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn quotes_and_backticks_are_set_as_people_mean_them() {
        assert_eq!(
            escape("budget `quick_2` of \"mine\""),
            "budget \\texttt{quick\\_2} of ``mine''"
        );
        assert_eq!(escape("a ` alone, an 8\""), "a \\textasciigrave{} alone, an 8``");
    }

    #[test]
    fn signs_are_spelt_and_others_named() {
        assert_eq!(escape("n − 1 ≥ z₀ é 中"), "n $-$ 1 $\\geq$ z$_0$ é \\texttt{U+4E2D}");
        assert_eq!(escape("[a]\n50%"), "{[}a{]} 50\\%");
    }
}
