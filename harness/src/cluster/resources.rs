//! What a run on a cluster is given: options of the command line, checked before anything is submitted.

use super::error::ClusterError;

/// Seconds between the signal and the limit unless told otherwise: four times what a step and a checkpoint may take.
const WARNING: u32 = 120;

/// Options that say what each run is given.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "What each run is given")]
pub struct ResourceArgs {
    /// Time limit as the cluster writes it, such as 90 (minutes), 4:00:00 or 2-12; the partition's own by default. A run that
    /// needs longer is saved before it and queued again.
    #[arg(long, value_name = "LIMIT")]
    time: Option<String>,
    /// Seconds before the limit at which a run saves itself and stops.
    #[arg(long, value_name = "SECONDS", default_value_t = WARNING)]
    warn: u32,
    /// Partition; the cluster's own choice by default.
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// GPUs of a run, such as 1 or a100:1; with --device cuda. A run uses one.
    #[arg(long, value_name = "N")]
    gpus: Option<String>,
    /// CPUs of a run; as many as --threads by default, or one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    cpus: Option<u32>,
    /// Memory of a run, such as 8G.
    #[arg(long, value_name = "SIZE")]
    mem: Option<String>,
    /// Account that pays.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Most runs at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    at_once: Option<u32>,
    /// Any other option of sbatch, such as qos=low or exclusive; can be given more than once.
    #[arg(long, value_name = "KEY=VALUE")]
    sbatch: Vec<String>,
}

/// What each run is given, checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// Time limit, as the engine writes it.
    pub time: Option<String>,
    /// Seconds between the signal that saves a run and the limit.
    pub warn: u32,
    /// Where it waits.
    pub partition: Option<String>,
    /// GPUs, as the engine writes them.
    pub gpus: Option<String>,
    /// CPUs.
    pub cpus: u32,
    /// Memory, as the engine writes it.
    pub mem: Option<String>,
    /// Who pays.
    pub account: Option<String>,
    /// Most runs at once.
    pub at_once: Option<u32>,
    /// Further options of the engine by name; some have no value.
    pub further: Vec<(String, Option<String>)>,
}

impl ResourceArgs {
    /// What is asked for, by runs that compute on `device` with `threads` CPU threads, if those are given; and how many
    /// threads that makes.
    ///
    /// # Errors
    /// [`ClusterError::Invalid`] for what cannot be.
    pub fn checked(
        &self,
        device: &str,
        threads: Option<usize>,
    ) -> Result<(Resources, usize), ClusterError> {
        let texts = [
            ("--time", &self.time),
            ("--partition", &self.partition),
            ("--gpus", &self.gpus),
            ("--mem", &self.mem),
            ("--account", &self.account),
        ];
        for (option, text) in texts {
            if let Some(text) = text {
                check_value(option, text)?;
            }
        }
        if device.contains(',') {
            return Err(ClusterError::Invalid(format!(
                "--device {device} names several; a run on a cluster computes on one: give --device cuda"
            )));
        }
        let on_gpu = device.starts_with("cuda");
        if self.gpus.as_deref().is_some_and(|gpus| gpus != "0") && !on_gpu {
            let what = "--gpus asks for what a run on the CPU leaves idle; add --device cuda";
            return Err(ClusterError::Invalid(what.to_owned()));
        }
        if on_gpu && self.gpus.is_none() && !self.sbatch.iter().any(|text| text.contains("gpu")) {
            log::warn!("--device {device} without --gpus: the cluster may give runs no GPU");
        }
        let asked = threads.and_then(|threads| u32::try_from(threads).ok());
        let cpus = self.cpus.or(asked).unwrap_or(1);
        let resources = Resources {
            time: self.time.clone(),
            warn: self.warn,
            partition: self.partition.clone(),
            gpus: self.gpus.clone(),
            cpus,
            mem: self.mem.clone(),
            account: self.account.clone(),
            at_once: self.at_once,
            further: self.sbatch.iter().map(|text| further(text)).collect::<Result<_, _>>()?,
        };
        Ok((resources, threads.unwrap_or(cpus as usize)))
    }
}

/// An option of the engine in its parts.
fn further(text: &str) -> Result<(String, Option<String>), ClusterError> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (text, None),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) || !key.chars().all(plain) {
        return Err(ClusterError::Invalid(format!(
            "--sbatch {text:?} has no option's name before the `=`; give it as sbatch's long options are called, such as \
             qos=low"
        )));
    }
    if let Some(value) = value {
        check_value(&format!("--sbatch {key}"), value)?;
    }
    Ok((key.to_owned(), value.map(str::to_owned)))
}

/// Refuses what no cluster's option has.
fn check_value(option: &str, text: &str) -> Result<(), ClusterError> {
    if text.is_empty() {
        return Err(ClusterError::Invalid(format!(
            "{option} is empty; give a value or leave it out"
        )));
    }
    if text.contains(char::is_control) {
        return Err(ClusterError::Invalid(format!(
            "{option} {text:?} holds a line end or another control character; give it without"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_and_threads_follow_from_each_other() {
        let of = |cpus, threads| {
            let (resources, threads) =
                ResourceArgs { cpus, ..Default::default() }.checked("cpu", threads).unwrap();
            (resources.cpus, threads)
        };
        assert_eq!(of(None, None), (1, 1));
        assert_eq!(of(Some(4), None), (4, 4));
        assert_eq!(of(None, Some(2)), (2, 2));
        assert_eq!(of(Some(4), Some(2)), (4, 2));
    }

    #[test]
    fn what_cannot_be_asked_for_says_why() {
        let message = |args: ResourceArgs| args.checked("cpu", None).unwrap_err().to_string();
        let sbatch = |text: &str| {
            message(ResourceArgs { sbatch: vec![text.to_owned()], ..Default::default() })
        };
        assert!(sbatch("qos=a\nb").contains("line end"));
        assert!(sbatch("qos=").contains("is empty"));
        for text in ["=x", "--qos=low", "q os=low", "$(id)=1", "", "QOS=1", "a;b=1"] {
            assert!(sbatch(text).contains("before the `=`"), "{text}");
        }
        let time = ResourceArgs { time: Some("1\n".to_owned()), ..Default::default() };
        assert!(message(time).contains("--time"));
        let gpus = ResourceArgs { gpus: Some("1".to_owned()), ..Default::default() };
        assert!(gpus.checked("cuda", None).is_ok());
        assert!(message(gpus).contains("--device cuda"));
    }

    #[test]
    fn options_of_the_engine_may_have_no_value_and_any_printable_one() {
        let args = ResourceArgs {
            sbatch: vec!["exclusive".to_owned(), "comment=it's \"odd\"=$x".to_owned()],
            ..Default::default()
        };
        let (resources, _) = args.checked("cpu", None).unwrap();
        let value = Some("it's \"odd\"=$x".to_owned());
        assert_eq!(
            resources.further,
            [("exclusive".to_owned(), None), ("comment".to_owned(), value)]
        );
    }
}
