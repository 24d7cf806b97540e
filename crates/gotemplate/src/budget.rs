//! What one rendering may take. Go has no such limits; Alertmanager's process is what bounds a template there.

use std::cell::Cell;

/// Bounds of one rendering.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps: one for each node, command and argument, and one for each 32 bytes a function reads or makes.
    pub steps: u64,
    /// Most bytes printed.
    pub output: usize,
    /// Most bytes of texts and lists made on the way, all together.
    pub made: usize,
    /// How deep templates, blocks and brackets may lie in each other while they run.
    pub depth: usize,
}

/// Enough for hundreds of alerts with dozens of labels each; 400 000 steps are some 50 ms.
impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 400_000,
            output: 1024 * 1024,
            made: 16 * 1024 * 1024,
            depth: 120,
        }
    }
}

/// What a rendering took too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Spent {
    /// Too many steps.
    #[error("limit: too many steps")]
    Steps,
    /// Too much output.
    #[error("limit: too much output")]
    Output,
    /// Too much memory.
    #[error("limit: too much memory")]
    Memory,
    /// Nested too deeply.
    #[error("limit: nested too deeply")]
    Depth,
}

/// What is left of the limits.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<u64>,
    made: Cell<usize>,
}

impl Budget {
    pub(crate) const fn of(limits: &Limits) -> Self {
        Self {
            steps: Cell::new(limits.steps),
            made: Cell::new(limits.made),
        }
    }

    /// Takes steps.
    pub fn step(&self, steps: u64) -> Result<(), Spent> {
        let left = self.steps.get().checked_sub(steps).ok_or(Spent::Steps)?;
        self.steps.set(left);
        Ok(())
    }

    /// Takes memory before it is made, and steps for making it.
    pub fn make(&self, bytes: usize) -> Result<(), Spent> {
        let left = self.made.get().checked_sub(bytes).ok_or(Spent::Memory)?;
        self.made.set(left);
        self.step(bytes as u64 / 32)
    }
}
