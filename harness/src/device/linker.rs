//! The system's dynamic linker: libraries that are loaded while the program runs.

#[cfg(all(not(unix), feature = "train"))]
pub(super) use of_others::is_loaded;
#[cfg(not(unix))]
pub(super) use of_others::{Library, open};
#[cfg(all(unix, any(test, feature = "train")))]
pub(super) use of_unix::is_loaded;
#[cfg(unix)]
pub(super) use of_unix::{Library, open};

#[cfg(unix)]
mod of_unix {
    use std::ffi::{CStr, CString, c_int, c_void};
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    /// A shared library, which stays loaded.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::device) struct Library(*mut c_void);

    impl Library {
        /// The address of a function or a variable.
        pub(in crate::device) fn find(self, symbol: &CStr) -> Option<*mut c_void> {
            // SAFETY: the handle is one that `dlopen` gave and nobody closed.
            let address = unsafe { libc::dlsym(self.0, symbol.as_ptr()) };
            (!address.is_null()).then_some(address)
        }
    }

    /// Loads the shared library at `path`, or of that name where the linker finds it.
    ///
    /// # Errors
    /// What the linker says.
    pub(in crate::device) fn open(path: &Path) -> Result<Library, String> {
        // All of a library's symbols are found now, and not in the middle of a run; others that are loaded see them.
        open_with(path, libc::RTLD_NOW | libc::RTLD_GLOBAL)
    }

    /// Whether a library of that name is loaded.
    #[cfg(any(test, feature = "train"))]
    pub(in crate::device) fn is_loaded(name: &str) -> bool {
        open_with(name.as_ref(), libc::RTLD_NOW | libc::RTLD_NOLOAD).is_ok()
    }

    fn open_with(path: &Path, flags: c_int) -> Result<Library, String> {
        let name = CString::new(path.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
        // SAFETY: the name ends in 0. What a library does when it is loaded is up to it.
        let handle = unsafe { libc::dlopen(name.as_ptr(), flags) };
        if !handle.is_null() {
            return Ok(Library(handle));
        }
        // SAFETY: after a failure the linker gives a text, or nothing where another thread has asked for it.
        let reason = unsafe {
            let text = libc::dlerror();
            if text.is_null() { None } else { Some(CStr::from_ptr(text)) }
        };
        Err(reason.map_or("no reason given".into(), CStr::to_string_lossy).into_owned())
    }
}

#[cfg(not(unix))]
mod of_others {
    use std::ffi::{CStr, c_void};
    use std::path::Path;

    /// A shared library, of which there is none.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::device) enum Library {}

    impl Library {
        /// Nothing.
        pub(in crate::device) fn find(self, _: &CStr) -> Option<*mut c_void> {
            match self {}
        }
    }

    /// Loads nothing.
    ///
    /// # Errors
    /// Always.
    pub(in crate::device) fn open(_: &Path) -> Result<Library, String> {
        Err("libraries are loaded on Unix alone".to_owned())
    }

    /// No.
    #[cfg(feature = "train")]
    pub(in crate::device) fn is_loaded(_: &str) -> bool {
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_says_so() {
        let reason = open("/nowhere/libnone.so.1".as_ref()).unwrap_err();
        assert!(reason.contains("/nowhere/libnone.so.1"), "{reason}");
        assert!(open("lib\0.so".as_ref()).is_err());
        assert!(!is_loaded("libnone.so.1"));
    }

    #[test]
    fn functions_of_a_library_are_found_by_name() {
        let library = open("libc.so.6".as_ref()).expect("the C library");
        assert!(is_loaded("libc.so.6"));
        assert!(library.find(c"strlen").is_some());
        assert!(library.find(c"no_such_function").is_none());
    }
}
