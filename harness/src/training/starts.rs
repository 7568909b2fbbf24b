//! The starts of the program on a run, as `manifest.json` tells them.

use std::fs;

use serde::{Deserialize, Serialize};

use super::folder::RunFolder;

/// One start of the program on a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Generator steps that were done already.
    pub step: u64,
    /// Steps that the run was to take.
    pub steps: u64,
    /// Name of the device.
    pub device: String,
    /// Whether the device computed as fast as it could, and not the same every time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fast: bool,
    /// CPU threads.
    pub threads: usize,
    /// Version of the program.
    pub version: String,
    /// The machine; empty where a manifest of an older version does not tell.
    #[serde(default)]
    pub host: String,
    /// SHA-256 of the program; missing where it could not be read.
    #[serde(default)]
    pub binary_sha256: Option<String>,
    /// When it was, in UTC.
    #[serde(default)]
    pub started: String,
    /// How it ended; missing while it goes on, and where it was killed.
    #[serde(default)]
    pub end: Option<End>,
}

/// The end of a start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// When it was, in UTC.
    pub time: String,
    /// Generator steps that were done then.
    pub step: u64,
    /// `done`, `diverged`, `stopped` by a signal, or `failed`.
    pub how: String,
}

/// What a reader must know of the starts: where device, threads or the program changed, and where the run went on beyond its
/// end.
#[must_use]
pub fn notes(starts: &[Start]) -> Vec<String> {
    let mut notes = Vec::new();
    if starts.iter().any(|start| start.fast) {
        notes.push("trained with --fast: the same command may end in other bytes".to_owned());
    }
    for pair in starts.windows(2) {
        let [before, after] = pair else { continue };
        let step = after.step;
        if step == 0 {
            continue;
        }
        if before.device != after.device || before.threads != after.threads {
            notes.push(format!(
                "resumed at step {step} on {} with {} threads instead of {} with {}: the bytes are those of neither",
                after.device, after.threads, before.device, before.threads
            ));
        }
        if before.version != after.version {
            notes.push(format!(
                "resumed at step {step} by version {} of the program instead of {}: the bytes may be those of neither",
                after.version, before.version
            ));
        } else if let (Some(one), Some(other)) = (&before.binary_sha256, &after.binary_sha256)
            && one != other
        {
            notes.push(format!(
                "resumed at step {step} by another build of version {} of the program: the bytes may be those of neither",
                after.version
            ));
        }
        if after.steps > before.steps {
            notes.push(format!(
                "a run of {} steps, continued to {} from step {step}",
                before.steps, after.steps
            ));
        }
    }
    notes
}

impl Start {
    /// All that the manifest in `folder` tells of; none where there is none, or it is of another version.
    #[must_use]
    pub fn all(folder: &RunFolder) -> Vec<Self> {
        #[derive(Deserialize)]
        struct Starts {
            starts: Vec<Start>,
        }
        let read = fs::read(folder.manifest()).ok();
        let parsed = read.and_then(|json| serde_json::from_slice::<Starts>(&json).ok());
        parsed.map(|manifest| manifest.starts).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(step: u64) -> Start {
        Start {
            step,
            steps: 100,
            device: "cpu".to_owned(),
            fast: false,
            threads: 2,
            version: "0.1.0".to_owned(),
            host: "here".to_owned(),
            binary_sha256: Some("ab".to_owned()),
            started: "2026-01-31T23:59:58Z".to_owned(),
            end: None,
        }
    }

    #[test]
    fn what_changed_between_starts_is_noted() {
        let first = start(0);
        let noted = |after: Start| notes(&[first.clone(), after]).join("; ");
        assert_eq!(noted(start(40)), "");
        // Nothing of the first start is left.
        assert_eq!(noted(Start { threads: 1, ..start(0) }), "");
        let threads = noted(Start { threads: 1, ..start(40) });
        assert!(threads.contains("on cpu with 1 threads instead of cpu with 2"), "{threads}");
        let version = noted(Start { version: "0.2.0".to_owned(), ..start(40) });
        assert!(version.contains("by version 0.2.0 of the program instead of 0.1.0"), "{version}");
        let build = noted(Start { binary_sha256: Some("cd".to_owned()), ..start(40) });
        assert!(build.contains("by another build of version 0.1.0"), "{build}");
        assert_eq!(noted(Start { binary_sha256: None, ..start(40) }), "");
        let fast = noted(Start { fast: true, ..start(40) });
        assert_eq!(fast, "trained with --fast: the same command may end in other bytes");
        let longer = noted(Start { steps: 200, ..start(100) });
        assert_eq!(longer, "a run of 100 steps, continued to 200 from step 100");
    }

    #[test]
    fn older_manifests_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(folder.path());
        fs::create_dir_all(folder.path()).unwrap();
        let old = r#"{ "starts": [{ "step": 3, "steps": 9, "device": "cpu", "threads": 1, "version": "0.1.0" }] }"#;
        fs::write(folder.manifest(), old).unwrap();
        let [start] = &Start::all(&folder)[..] else { panic!("one start") };
        assert_eq!((start.step, &start.end, start.host.as_str()), (3, &None, ""));
    }
}
