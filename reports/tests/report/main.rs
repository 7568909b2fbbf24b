//! The crate from the outside: results folders and runs in, tables, figures and pages out.

mod comparing;
mod figures;
mod fixture;
mod gallery;
mod golden;
mod grid;
mod histories;
mod latex;
mod loading;
mod nearest_pairs;
mod page;
mod properties;
mod published;
mod schema1;
mod screen;
mod tables;
