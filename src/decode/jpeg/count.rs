//! Whether coded bytes are exactly those that their blocks need, told without decoding them.
//!
//! A Huffman code tells its own length and that of the value behind it, so that reading over a block
//! needs no arithmetic. Where a picture is cut, or bytes of it were overwritten, the codes run out
//! before the blocks do, or bytes are left over. Decoders hide both: they take what is missing for
//! zeros and skip what is left.
//!
//! Short codes come several at a time: a table of windows of [`LOOK`] bits says how far all codes
//! that lie wholly in the window lead. That keeps the count to a small part of the decoding.

use super::{Damage, StreamProblem, corrupt, is_padding};

/// Bits that are looked up at once.
const LOOK: u32 = 12;

/// The Huffman tables of a stream, by class and destination.
#[derive(Default)]
pub(super) struct Tables {
    dc: [Option<Box<HuffmanTable>>; 4],
    ac: [Option<Box<HuffmanTable>>; 4],
}

/// A canonical Huffman table (T.81, annex C).
struct HuffmanTable {
    /// One past the greatest code of each length, from 1 bit to 16.
    ends: [u32; 16],
    /// What to add to a code of each length to get the index of its value.
    offsets: [i32; 16],
    values: Vec<u8>,
    leaps: Vec<Leap>,
}

/// How far the codes of a window lead.
#[derive(Clone, Copy, Default)]
struct Leap {
    /// Of the first code; 0 if it is longer than the window.
    code_bits: u8,
    symbol: u8,
    /// Of all codes that lie wholly in the window with their values, as those of AC coefficients.
    bits: u8,
    coefficients: u8,
    ends_block: bool,
}

impl Tables {
    /// Takes the tables of a DHT segment (B.2.4.2).
    pub(super) fn take(&mut self, mut content: &[u8]) -> Result<(), StreamProblem> {
        let wrong = || corrupt(Damage::Headers);
        while let [place, rest @ ..] = content {
            let (counts, rest) = rest.split_at_checked(16).ok_or_else(wrong)?;
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let (values, rest) = rest.split_at_checked(total).ok_or_else(wrong)?;
            content = rest;
            let class = match place >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return Err(wrong()),
            };
            let slot = class.get_mut(usize::from(place & 15)).ok_or_else(wrong)?;
            *slot = Some(Box::new(HuffmanTable::new(counts, values).ok_or_else(wrong)?));
        }
        Ok(())
    }

    /// The tables that a byte of a scan header names, for DC and AC.
    fn named(&self, byte: u8) -> (Option<&HuffmanTable>, Option<&HuffmanTable>) {
        let dc = self.dc.get(usize::from(byte >> 4)).and_then(|table| table.as_deref());
        let ac = self.ac.get(usize::from(byte & 15)).and_then(|table| table.as_deref());
        (dc, ac)
    }
}

impl HuffmanTable {
    fn new(counts: &[u8], values: &[u8]) -> Option<Self> {
        let (mut ends, mut offsets) = ([0; 16], [0; 16]);
        let (mut code, mut index) = (0u32, 0i32);
        for (length, count) in counts.iter().enumerate() {
            offsets[length] = index - code as i32;
            code += u32::from(*count);
            index += i32::from(*count);
            ends[length] = code;
            // No code is all ones.
            if *count > 0 && code >= 1 << (length + 1) {
                return None;
            }
            code <<= 1;
        }
        let mut table = Self { ends, offsets, values: values.to_vec(), leaps: Vec::new() };
        table.leaps = (0..1 << LOOK).map(|window| table.leap(window)).collect();
        Some(table)
    }

    /// The first code of `bits` of a window, highest first: its length and value.
    fn code(&self, window: u32, bits: u32) -> Option<(u32, u8)> {
        (1..=bits.min(16)).find_map(|length| {
            let code = window >> (bits - length);
            if code >= self.ends[length as usize - 1] {
                return None;
            }
            let index = code as i32 + self.offsets[length as usize - 1];
            Some((length, *self.values.get(usize::try_from(index).ok()?)?))
        })
    }

    fn leap(&self, window: u32) -> Leap {
        let mut leap = Leap::default();
        let mut left = LOOK;
        while let Some((length, symbol)) = self.code(window & ((1 << left) - 1), left) {
            if left == LOOK {
                (leap.code_bits, leap.symbol) = (length as u8, symbol);
            }
            let (run, size) = (symbol >> 4, u32::from(symbol & 15));
            if length + size > left || leap.coefficients > 48 {
                break;
            }
            left -= length + size;
            leap.bits = (LOOK - left) as u8;
            match (run, size) {
                (15, 0) => leap.coefficients += 16,
                (_, 0) => {
                    // What it ends is more than the block in a progressive scan; see there.
                    leap.ends_block = true;
                    break;
                }
                _ => leap.coefficients += run + 1,
            }
        }
        leap
    }
}

/// One component's part of a minimum coded unit in a sequential picture or a scan of DC.
pub(super) struct Part {
    /// The byte of the scan header that names the tables.
    pub tables: u8,
    pub blocks: u8,
}

/// Whether the bytes hold so many units of whole blocks.
pub(super) fn holds_units(
    data: &[u8],
    tables: &Tables,
    parts: &[Part],
    units: usize,
) -> Result<bool, StreamProblem> {
    let mut blocks = Vec::new();
    for part in parts {
        let (Some(dc), Some(ac)) = tables.named(part.tables) else { return Err(missing()) };
        blocks.extend(std::iter::repeat_n((dc, ac), part.blocks.into()));
    }
    let mut bits = Bits::new(data);
    for _ in 0..units {
        for (dc, ac) in &blocks {
            if bits.pass_difference(dc).and_then(|()| bits.pass_coefficients(ac)).is_none() {
                return Ok(false);
            }
        }
        if bits.is_overdrawn() {
            return Ok(false);
        }
    }
    Ok(bits.is_at_end())
}

/// Whether the bytes hold so many units of DC coefficients, their first bits or one more.
pub(super) fn holds_differences(
    data: &[u8],
    tables: &Tables,
    parts: &[Part],
    units: usize,
    refines: bool,
) -> Result<bool, StreamProblem> {
    let mut bits = Bits::new(data);
    let mut blocks = Vec::new();
    for part in parts {
        let dc = tables.named(part.tables).0;
        if dc.is_none() && !refines {
            return Err(missing());
        }
        blocks.extend(std::iter::repeat_n(dc, part.blocks.into()));
    }
    for _ in 0..units {
        for dc in &blocks {
            match dc {
                Some(dc) if !refines => {
                    if bits.pass_difference(dc).is_none() {
                        return Ok(false);
                    }
                }
                _ => bits.pass(1),
            }
        }
        if bits.is_overdrawn() {
            return Ok(false);
        }
    }
    Ok(bits.is_at_end())
}

/// A band of AC coefficients in a progressive scan.
pub(super) struct Band {
    pub tables: u8,
    pub first: u8,
    pub last: u8,
    pub refines: bool,
}

/// Whether the bytes hold a band of these blocks, of which `set` says for each which coefficients
/// are not zero so far.
pub(super) fn holds_band(
    data: &[u8],
    tables: &Tables,
    band: &Band,
    set: &mut [u64],
) -> Result<bool, StreamProblem> {
    let Some(ac) = tables.named(band.tables).1 else { return Err(missing()) };
    let mut bits = Bits::new(data);
    // Blocks whose band is at its end.
    let mut run = 0;
    for set in set {
        let passed = if band.refines {
            bits.pass_refinement(ac, band, set, &mut run)
        } else if run > 0 {
            run -= 1;
            Some(())
        } else {
            bits.pass_band(ac, band, set, &mut run)
        };
        if passed.is_none() || bits.is_overdrawn() {
            return Ok(false);
        }
    }
    Ok(run == 0 && bits.is_at_end())
}

fn missing() -> StreamProblem {
    corrupt(Damage::Headers)
}

/// The bits of coded bytes, without their stuffing; behind their end, ones without number.
struct Bits<'a> {
    rest: &'a [u8],
    /// The next bits, from the highest on.
    window: u64,
    /// Bits in the window.
    left: u32,
    /// Bits in the window, or passed, that lie behind the end.
    borrowed: u32,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self { rest: data, window: 0, left: 0, borrowed: 0 }
    }

    /// Makes the window hold at least 32 bits.
    #[inline(always)]
    fn fill(&mut self) {
        if self.left > 32 {
            return;
        }
        if let Some((word, rest)) = self.rest.split_first_chunk::<4>()
            && !word.contains(&0xff)
        {
            self.window |= u64::from(u32::from_be_bytes(*word)) << (32 - self.left);
            self.left += 32;
            self.rest = rest;
        } else {
            self.fill_slowly();
        }
    }

    fn fill_slowly(&mut self) {
        while self.left <= 56 {
            let byte = match self.rest {
                // A stuffed zero goes with its byte.
                [0xff, rest @ ..] => {
                    self.rest = rest.get(1..).unwrap_or(&[]);
                    0xff
                }
                [byte, rest @ ..] => {
                    self.rest = rest;
                    *byte
                }
                [] => {
                    self.borrowed += 8;
                    0xff
                }
            };
            self.window |= u64::from(byte) << (56 - self.left);
            self.left += 8;
        }
    }

    /// Passes over at most 32 bits of the window.
    #[inline(always)]
    fn pass(&mut self, bits: u32) {
        if self.left < bits {
            self.fill();
        }
        self.window <<= bits;
        self.left -= bits;
    }

    fn take(&mut self, bits: u32) -> u32 {
        self.fill();
        let taken = (self.window >> 32 >> (32 - bits)) as u32;
        self.pass(bits);
        taken
    }

    /// Reads the next code of a filled window.
    #[inline(always)]
    fn symbol(&mut self, table: &HuffmanTable) -> Option<u8> {
        let leap = table.leaps[(self.window >> (64 - LOOK)) as usize];
        if leap.code_bits > 0 {
            self.pass(leap.code_bits.into());
            return Some(leap.symbol);
        }
        let (length, symbol) = table.code((self.window >> 48) as u32, 16)?;
        self.pass(length);
        Some(symbol)
    }

    /// Passes over a DC coefficient.
    #[inline(always)]
    fn pass_difference(&mut self, table: &HuffmanTable) -> Option<()> {
        self.fill();
        let size = self.symbol(table).filter(|size| *size < 16)?;
        self.pass(size.into());
        Some(())
    }

    /// Passes over the AC coefficients of a block.
    #[inline(always)]
    fn pass_coefficients(&mut self, table: &HuffmanTable) -> Option<()> {
        let mut at = 1;
        while at < 64 {
            self.fill();
            let leap = table.leaps[(self.window >> (64 - LOOK)) as usize];
            // At the end of a block, codes are read one by one: those behind it are the next's.
            if leap.bits > 0 && at + leap.coefficients < 64 {
                self.pass(leap.bits.into());
                at += leap.coefficients;
                if leap.ends_block {
                    return Some(());
                }
                continue;
            }
            let symbol = self.symbol(table)?;
            let (run, size) = (symbol >> 4, symbol & 15);
            match (run, size) {
                (15, 0) => at += 16,
                (_, 0) => return Some(()),
                _ => {
                    self.pass(size.into());
                    at += run + 1;
                }
            }
        }
        // A run that leads out of the block is damage.
        (at == 64).then_some(())
    }

    /// Passes over the first bits of a band.
    fn pass_band(
        &mut self,
        table: &HuffmanTable,
        band: &Band,
        set: &mut u64,
        run: &mut u32,
    ) -> Option<()> {
        let mut at = band.first;
        while at <= band.last {
            self.fill();
            let symbol = self.symbol(table)?;
            let (zeros, size) = (symbol >> 4, symbol & 15);
            match (zeros, size) {
                (15, 0) => at += 16,
                (_, 0) => {
                    *run = (1 << zeros) - 1 + self.take(zeros.into());
                    return Some(());
                }
                _ => {
                    at += zeros;
                    if at > band.last {
                        return None;
                    }
                    *set |= 1 << at;
                    self.pass(size.into());
                    at += 1;
                }
            }
        }
        Some(())
    }

    /// Passes over one more bit of the coefficients of a band that are not zero, and over those that
    /// become so (G.1.2.3).
    fn pass_refinement(
        &mut self,
        table: &HuffmanTable,
        band: &Band,
        set: &mut u64,
        run: &mut u32,
    ) -> Option<()> {
        let mut at = band.first;
        while *run == 0 && at <= band.last {
            self.fill();
            let symbol = self.symbol(table)?;
            let (mut zeros, size) = (symbol >> 4, symbol & 15);
            match size {
                0 if zeros < 15 => {
                    *run = (1 << zeros) + self.take(zeros.into());
                    break;
                }
                0 => {}
                1 => self.pass(1),
                _ => return None,
            }
            while at <= band.last {
                if *set >> at & 1 == 1 {
                    self.pass(1);
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if size == 1 {
                if at > band.last {
                    return None;
                }
                *set |= 1 << at;
            }
            at += 1;
        }
        if *run > 0 {
            let rest = (at..=band.last).filter(|at| *set >> at & 1 == 1).count();
            (0..rest).for_each(|_| self.pass(1));
            *run -= 1;
        }
        Some(())
    }

    /// Whether bits behind the end were passed.
    fn is_overdrawn(&self) -> bool {
        self.left < self.borrowed
    }

    /// Whether all bytes were passed, but for padding.
    fn is_at_end(&self) -> bool {
        let Some(left) = self.left.checked_sub(self.borrowed) else { return false };
        let window = self.window << (left % 8);
        let whole = left as usize / 8;
        is_padding(&window.to_be_bytes()[..whole]) && is_padding(self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DC: 0 for a difference of no bits, 10 for one of three. AC: 0 ends a block, 10 is a
    /// coefficient of two bits, 110 one of a bit behind fifteen zeros.
    fn tables() -> Tables {
        let mut tables = Tables::default();
        for (place, counts, values) in
            [(0, [1, 1, 0], &[0, 3][..]), (0x10, [1, 1, 1], &[0, 2, 0xf1])]
        {
            let mut content = vec![place];
            content.extend(counts);
            content.resize(17, 0);
            content.extend(values);
            tables.take(&content).ok().unwrap();
        }
        tables
    }

    fn bytes(bits: &str) -> Vec<u8> {
        let bits = bits.replace(' ', "");
        assert_eq!(bits.len() % 8, 0);
        let byte = |at| u8::from_str_radix(&bits[at..at + 8], 2).unwrap();
        (0..bits.len()).step_by(8).map(byte).collect()
    }

    fn holds(data: &[u8], units: usize) -> bool {
        let parts = [Part { tables: 0, blocks: 1 }];
        holds_units(data, &tables(), &parts, units).ok().unwrap()
    }

    #[test]
    fn blocks_are_counted_to_the_bit() {
        // Difference of three bits, coefficient, end; no difference, two coefficients, end; padding.
        let data = bytes("10 101 10 11 0  0 10 11 10 11 0  1111");
        assert!(holds(&data, 2));
        assert!(!holds(&data, 1), "a block is left over");
        assert!(!holds(&data, 3), "a block is missing");
        assert!(!holds(&data[..2], 2), "half of it is missing");
        assert!(holds(&[&data[..], &[0, 0, 0]].concat(), 2), "zeros are padding");
        assert!(!holds(&[&data[..], &[0x55]].concat(), 2), "a byte that nothing needs is damage");
    }

    #[test]
    fn a_run_out_of_the_block_is_damage() {
        // Four times fifteen zeros and a coefficient are one too many: 1 + 4 * 16 = 65.
        assert!(!holds(&bytes("0 1101 1101 1101 1101 1101 111"), 1));
        // Three times, and one more coefficient after each: 1 + 48 + 3 = 52, then the end.
        assert!(holds(&bytes("0 1101 1011 1101 1011 1101 1011 0 111111"), 1));
    }

    #[test]
    fn a_full_block_ends_without_a_code() {
        // 63 coefficients of two bits, the next block begins right behind them.
        let full = format!("0{} 0 0 1", "1011".repeat(63));
        assert!(holds(&bytes(&full), 2));
    }

    #[test]
    fn stuffed_zeros_are_no_bits() {
        let parts = [Part { tables: 0, blocks: 1 }];
        let count = |units| {
            holds_differences(&[0xff, 0x00, 0x12], &tables(), &parts, units, true).ok().unwrap()
        };
        assert!(count(16) && count(9));
        assert!(!count(17) && !count(8));
    }

    #[test]
    fn bands_end_in_runs_and_are_refined_where_they_are_set() {
        let mut band = Band { tables: 0, first: 1, last: 5, refines: false };
        let mut set = [0; 2];
        // A coefficient at 1, then the end; the end.
        assert!(holds_band(&bytes("10 01 0 0 11"), &tables(), &band, &mut set).ok().unwrap());
        assert_eq!(set, [0b10, 0]);
        band.refines = true;
        // The end of both; the one that is set gets its bit.
        assert!(holds_band(&bytes("0 1 0 11111"), &tables(), &band, &mut set).ok().unwrap());
        assert!(!holds_band(&[], &tables(), &band, &mut set).ok().unwrap());
    }
}
