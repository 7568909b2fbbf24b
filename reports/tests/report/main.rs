//! The crate from the outside: results folders and runs in, tables, figures and pages out.

mod fixture;

mod figures;
mod gallery;
mod grid;
mod histories;
mod loading;
mod nearest_pairs;
mod schema1;
