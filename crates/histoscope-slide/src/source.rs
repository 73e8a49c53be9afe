//! Bytes of a file of any size, read by position through a small cache.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::error::{Error, Result};

/// A file that is read by position.
pub trait Source {
    /// Its size in bytes.
    fn size(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on, which the caller has checked to be there.
    ///
    /// # Errors
    /// What the system says; fewer bytes than asked for are an error, too.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// A file of this machine.
#[derive(Debug)]
pub struct FileSource {
    file: RefCell<File>,
    size: u64,
}

impl FileSource {
    /// Takes an open file.
    ///
    /// # Errors
    /// If its size cannot be asked for.
    pub fn new(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file: RefCell::new(file), size })
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let bytes = self.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// Bytes of a block, which is read as a whole: directories and lists of tiles lie close together.
const BLOCK: u64 = 32 << 10;
/// Blocks that are kept: 4 MiB.
const BLOCKS: usize = 128;

struct Block {
    bytes: Vec<u8>,
    used: u64,
}

/// A source behind a bounded cache of blocks.
pub(crate) struct Bytes {
    source: Box<dyn Source>,
    size: u64,
    cache: RefCell<(HashMap<u64, Block>, u64)>,
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bytes").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Bytes {
    pub(crate) fn new(source: Box<dyn Source>) -> Self {
        Self { size: source.size(), source, cache: RefCell::default() }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// `length` bytes from `offset` on. The caller has compared `length` with a limit.
    pub(crate) fn read(&self, offset: u64, length: u64) -> Result<Vec<u8>> {
        let size = self.size;
        let end = offset.checked_add(length).filter(|end| *end <= size);
        let end = end.ok_or(Error::Outside { offset, length, size })?;
        let mut bytes = vec![0; length as usize];
        if length > BLOCK {
            self.fill(offset, &mut bytes)?;
            return Ok(bytes);
        }
        let mut at = offset;
        while at < end {
            let block = at / BLOCK;
            let from = (at % BLOCK) as usize;
            let count = ((BLOCK - at % BLOCK).min(end - at)) as usize;
            let out = (at - offset) as usize;
            self.with_block(block, |stored| {
                bytes[out..out + count].copy_from_slice(&stored[from..from + count]);
            })?;
            at += count as u64;
        }
        Ok(bytes)
    }

    fn with_block(&self, block: u64, take: impl FnOnce(&[u8])) -> Result<()> {
        let (blocks, clock) = &mut *self.cache.borrow_mut();
        *clock += 1;
        if let Some(known) = blocks.get_mut(&block) {
            known.used = *clock;
            take(&known.bytes);
            return Ok(());
        }
        let start = block * BLOCK;
        let mut bytes = vec![0; BLOCK.min(self.size - start) as usize];
        self.fill(start, &mut bytes)?;
        take(&bytes);
        if blocks.len() >= BLOCKS {
            let oldest = blocks.iter().min_by_key(|(_, block)| block.used).map(|(&at, _)| at);
            oldest.and_then(|at| blocks.remove(&at));
        }
        blocks.insert(block, Block { bytes, used: *clock });
        Ok(())
    }

    fn fill(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let read = self.source.read_at(offset, buffer);
        read.map_err(|error| Error::Unreadable { detail: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_file_wherever_blocks_begin() {
        let file: Vec<u8> = (0..100_000_u32).map(|i| (i * 7 + i / 256) as u8).collect();
        let bytes = Bytes::new(Box::new(file.clone()));
        for (offset, length) in [(0, 10), (32_760, 20), (0, 40_000), (99_990, 10), (50_000, 0)] {
            let read = bytes.read(offset, length).unwrap();
            assert_eq!(read, file[offset as usize..(offset + length) as usize]);
        }
        for (offset, length) in [(99_990, 11), (u64::MAX, 1), (100_000, 1)] {
            assert_eq!(bytes.read(offset, length).unwrap_err().code(), "slide_outside_file");
        }
    }

    #[test]
    fn no_more_blocks_are_kept_than_the_cache_may_hold() {
        let bytes = Bytes::new(Box::new(vec![1; 3 * BLOCKS * BLOCK as usize]));
        for block in 0..3 * BLOCKS as u64 {
            bytes.read(block * BLOCK, 1).unwrap();
        }
        assert_eq!(bytes.cache.borrow().0.len(), BLOCKS);
    }
}
