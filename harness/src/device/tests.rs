//! Selection on machines that are made up.

use std::cell::RefCell;
use std::path::PathBuf;

use super::*;

/// A machine with so many GPUs.
struct Fake {
    driver: RefCell<Vec<Result<Driver, DriverError>>>,
    has_own_libraries: bool,
    libraries: Result<(), LibraryError>,
    /// What was loaded, in order.
    loaded: RefCell<Vec<(Work, usize)>>,
}

impl Fake {
    /// A machine whose driver answers so, the last answer ever again, with all libraries.
    fn answering(answers: Vec<Result<Driver, DriverError>>) -> Self {
        Self {
            driver: RefCell::new(answers),
            has_own_libraries: false,
            libraries: Ok(()),
            loaded: RefCell::default(),
        }
    }

    fn with_gpus(n: usize) -> Self {
        Self::answering(vec![Ok(driver(n))])
    }
}

impl Machine for Fake {
    fn driver(&self) -> Result<Driver, DriverError> {
        let mut answers = self.driver.borrow_mut();
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    }

    fn has_own_libraries(&self) -> bool {
        self.has_own_libraries
    }

    fn load(&self, work: Work, index: usize) -> Result<(), LibraryError> {
        self.loaded.borrow_mut().push((work, index));
        self.libraries.clone()
    }
}

fn driver(gpus: usize) -> Driver {
    let gpu = |index| Gpu {
        name: format!("Model {index}"),
        memory: 16 << 30,
        capability: CudaVersion { major: 8, minor: 6 },
    };
    Driver { cuda: CudaVersion { major: 13, minor: 1 }, gpus: (0..gpus).map(gpu).collect() }
}

fn cuda(index: usize) -> DeviceChoice {
    DeviceChoice::On(Device::Cuda(index))
}

/// What an open choice comes to, and what is said of it.
fn open(machine: &Fake) -> (Device, String) {
    let Selection { device, said } =
        select_on(machine, DeviceChoice::Auto, Work::Scoring).expect("an open choice");
    (device, said.expect("it says what it came to"))
}

fn refusal(machine: &Fake, choice: DeviceChoice) -> String {
    select_on(machine, choice, Work::Scoring).expect_err("no such device").to_string()
}

#[test]
fn the_cpu_needs_nothing_and_says_nothing() {
    let machine = Fake::answering(vec![Err(DriverError::Missing)]);
    let found = select_on(&machine, DeviceChoice::On(Device::Cpu), Work::Scoring);
    assert_eq!(found, Ok(Selection { device: Device::Cpu, said: None }));
    assert!(machine.loaded.borrow().is_empty());
}

#[test]
fn no_driver() {
    let machine = Fake::answering(vec![Err(DriverError::Missing)]);
    assert_eq!(open(&machine), (Device::Cpu, "device: cpu (no NVIDIA driver)".to_owned()));
    let text = refusal(&machine, cuda(0));
    assert!(text.contains("cuda:0") && text.contains("no NVIDIA driver is installed"), "{text}");
    assert!(machine.loaded.borrow().is_empty(), "nothing is loaded in vain");
}

#[test]
fn a_driver_that_does_not_answer() {
    let refuses = DriverError::Refuses { call: "cuInit", code: 803 };
    let machine = Fake::answering(vec![Err(refuses)]);
    let (device, said) = open(&machine);
    assert_eq!(device, Device::Cpu);
    assert!(said.contains("cuInit gives 803"), "{said}");
    assert!(refusal(&machine, cuda(0)).contains("nvidia-smi"));
}

#[test]
fn a_driver_without_gpus() {
    let machine = Fake::with_gpus(0);
    assert_eq!(open(&machine).0, Device::Cpu);
    assert!(open(&machine).1.contains("shows no GPU"), "{}", open(&machine).1);
    let text = refusal(&machine, cuda(0));
    assert!(text.contains("no GPU") && text.contains("CUDA_VISIBLE_DEVICES"), "{text}");
}

#[test]
fn the_first_of_the_gpus_is_taken_and_named() {
    let one = Fake::with_gpus(1);
    assert_eq!(open(&one), (Device::Cuda(0), "device: cuda:0, Model 0".to_owned()));
    let two = Fake::with_gpus(2);
    let (device, said) = open(&two);
    assert_eq!(device, Device::Cuda(0));
    assert!(said.contains("Model 0; 1 more"), "{said}");
    assert_eq!(*two.loaded.borrow(), [(Work::Scoring, 0)]);
    let second = select_on(&two, cuda(1), Work::Scoring);
    assert_eq!(second, Ok(Selection { device: Device::Cuda(1), said: None }));
    assert_eq!(two.loaded.borrow()[1], (Work::Scoring, 1));
}

#[test]
fn a_number_too_high_names_what_there_is() {
    let text = refusal(&Fake::with_gpus(2), cuda(2));
    assert!(text.contains("cuda:2") && text.contains("cuda:0 Model 0, cuda:1 Model 1"), "{text}");
}

#[test]
fn missing_libraries_are_set_up_by_a_command() {
    let missing = LibraryError::Missing { what: "libtorch_cuda.so", variable: "LIBTORCH" };
    let machine = Fake { libraries: Err(missing), ..Fake::with_gpus(1) };
    let (device, said) = open(&machine);
    assert_eq!(device, Device::Cpu);
    assert!(said.starts_with("device: cpu, and not cuda:0: libtorch_cuda.so"), "{said}");
    assert!(said.contains("scripts/setup.sh --cuda"), "{said}");
    assert!(refusal(&machine, cuda(0)).contains("scripts/setup.sh --cuda"));
    let broken = LibraryError::Broken { path: PathBuf::from("x.so"), reason: "cut".to_owned() };
    let machine = Fake { libraries: Err(broken), ..Fake::with_gpus(1) };
    assert!(refusal(&machine, cuda(0)).contains("x.so does not load: cut"));
}

#[test]
fn what_is_too_old_says_what_is_needed() {
    let mut old = driver(1);
    old.cuda = CudaVersion { major: 12, minor: 8 };
    let machine = Fake::answering(vec![Ok(old.clone())]);
    let text = refusal(&machine, cuda(0));
    assert!(text.contains("CUDA 12.8") && text.contains("580"), "{text}");
    assert_eq!(open(&machine).0, Device::Cpu);
    let mut volta = driver(1);
    volta.gpus[0].capability = CudaVersion { major: 7, minor: 0 };
    let text = refusal(&Fake::answering(vec![Ok(volta)]), cuda(0));
    assert!(text.contains("Model 0 has compute capability 7.0") && text.contains("7.5"), "{text}");
    // Of what the user brings nothing is known.
    let own = Fake { has_own_libraries: true, ..Fake::answering(vec![Ok(old)]) };
    assert!(select_on(&own, cuda(0), Work::Scoring).is_ok());
}

/// A program that is started again, for the next run, selects again.
#[test]
fn a_gpu_that_went_away_is_missed_by_the_next_selection() {
    let machine = Fake::answering(vec![Ok(driver(2)), Ok(driver(1))]);
    assert!(select_on(&machine, cuda(1), Work::Scoring).is_ok());
    assert!(refusal(&machine, cuda(1)).contains("cuda:0 Model 0 alone"));
    let lost = DriverError::Refuses { call: "cuDeviceGetName", code: 999 };
    let machine = Fake::answering(vec![Ok(driver(1)), Err(lost)]);
    assert!(select_on(&machine, cuda(0), Work::Scoring).is_ok());
    assert!(refusal(&machine, cuda(0)).contains("cuDeviceGetName gives 999"));
}

#[test]
fn choices_parse_back_and_name_what_there_is() {
    for choice in [DeviceChoice::Auto, DeviceChoice::On(Device::Cpu), cuda(3)] {
        assert_eq!(choice.to_string().parse(), Ok(choice));
    }
    let error = "tpu".parse::<DeviceChoice>().unwrap_err();
    assert_eq!(error, "choose one of auto, cpu, cuda, cuda:N");
}
