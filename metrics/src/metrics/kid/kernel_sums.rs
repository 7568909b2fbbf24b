//! Sums over the kernel matrices of two sets of images.

/// Partial sums of a row that grow side by side, so that they fill vector registers.
const LANES: usize = 8;

/// Sums of the kernel `(p + 1)³` over the pairs of two sets x and y of equally many images, where p is their scaled
/// inner product; pairs of an image with itself are left out.
#[derive(Debug, PartialEq)]
pub(super) struct KernelSums {
    /// Pairs within x, within y.
    pub(super) within: [Within; 2],
    /// Pairs of an image of x and one of y.
    pub(super) between: Between,
}

/// Sums over the pairs within one set.
#[derive(Debug, PartialEq)]
pub(super) struct Within {
    /// For every image, over its pairs.
    pub(super) rows: Vec<f64>,
    /// Of the squares, over unordered pairs.
    pub(super) squares: f64,
}

/// Sums over the pairs of two sets.
#[derive(Debug, PartialEq)]
pub(super) struct Between {
    /// For every image of x, over y.
    pub(super) rows: Vec<f64>,
    /// For every image of y, over x.
    pub(super) columns: Vec<f64>,
    /// Of the squares, over all pairs.
    pub(super) squares: f64,
}

/// Images of a set that follow one another.
#[derive(Clone, Copy)]
pub(super) struct Run {
    /// Whose they are: 0 for x, 1 for y.
    pub(super) set: usize,
    /// Place of the first of them in the set.
    pub(super) first: usize,
}

/// Sums over a part of the kernel matrix: some images as rows, some as columns.
pub(super) struct Part {
    /// For every row, over the columns.
    rows: Vec<f64>,
    /// For every column, over the rows.
    columns: Vec<f64>,
    squares: f64,
}

impl Part {
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        Self { rows: vec![0.0; rows], columns: vec![0.0; columns], squares: 0.0 }
    }

    /// Adds the kernels of a row and the last columns, given their products.
    pub(super) fn add(&mut self, row: usize, products: &[f32]) {
        let first = self.columns.len() - products.len();
        let (sum, squares) = add_kernels(products, &mut self.columns[first..]);
        self.rows[row] += sum;
        self.squares += squares;
    }
}

impl KernelSums {
    /// Sums over nothing yet, for sets of `size` images.
    pub(super) fn new(size: usize) -> Self {
        let nothing = || vec![0.0; size];
        let within = || Within { rows: nothing(), squares: 0.0 };
        Self {
            within: [within(), within()],
            between: Between { rows: nothing(), columns: nothing(), squares: 0.0 },
        }
    }

    /// Adds the part of these rows and columns. Each pair belongs into one part only: rows of a part between x and y
    /// are those of x, and of a pair within a set the mirrored one is left out.
    pub(super) fn add(&mut self, rows: Run, columns: Run, part: &Part) {
        if rows.set == columns.set {
            // A pair within a set counts for both of its images.
            let within = &mut self.within[rows.set];
            add_to(&mut within.rows[rows.first..], &part.rows);
            add_to(&mut within.rows[columns.first..], &part.columns);
            within.squares += part.squares;
        } else {
            add_to(&mut self.between.rows[rows.first..], &part.rows);
            add_to(&mut self.between.columns[columns.first..], &part.columns);
            self.between.squares += part.squares;
        }
    }

    /// The unbiased estimate of the squared maximum mean discrepancy.
    pub(super) fn squared_mmd(&self) -> f64 {
        let m = self.between.rows.len() as f64;
        let within: f64 = self.within.iter().map(|side| side.rows.iter().sum::<f64>()).sum();
        within / (m * (m - 1.0)) - 2.0 * self.between.rows.iter().sum::<f64>() / (m * m)
    }
}

fn add_to(sums: &mut [f64], more: &[f64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// Adds the kernel of every product to its column; returns the sum and the sum of squares.
fn add_kernels(products: &[f32], columns: &mut [f64]) -> (f64, f64) {
    let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
    let whole = products.len() / LANES * LANES;
    let (products, last_products) = products.split_at(whole);
    let (columns, last_columns) = columns.split_at_mut(whole);
    for (products, columns) in products.chunks_exact(LANES).zip(columns.chunks_exact_mut(LANES)) {
        for lane in 0..LANES {
            let kernel = kernel(products[lane]);
            columns[lane] += kernel;
            sums[lane] += kernel;
            squares[lane] += kernel * kernel;
        }
    }
    for ((product, column), lane) in last_products.iter().zip(last_columns).zip(0..) {
        let kernel = kernel(*product);
        *column += kernel;
        sums[lane] += kernel;
        squares[lane] += kernel * kernel;
    }
    (sums.iter().sum(), squares.iter().sum())
}

/// `(p + 1)³`.
fn kernel(product: f32) -> f64 {
    let base = f64::from(product) + 1.0;
    base * base * base
}
