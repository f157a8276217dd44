//! The register image that every server of the interop tests holds (README.md, "The image").

pub const UNIT: u8 = 1;
pub const BITS: u16 = 2048;
pub const REGISTERS: u16 = 1000;
/// A holding register that takes at most `LIMIT`.
pub const LIMITED: u16 = 900;
pub const LIMIT: u16 = 1000;
pub const OBJECTS: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 0x80, 0x81, 0x82];

pub fn coil(i: u16) -> bool {
    i % 3 == 0
}

pub fn discrete_input(i: u16) -> bool {
    i % 5 == 0
}

pub fn holding_register(i: u16) -> u16 {
    i.wrapping_mul(7).wrapping_add(3)
}

pub fn input_register(i: u16) -> u16 {
    i.wrapping_mul(11).wrapping_add(5)
}

/// Private objects are long, so that all of them take more than one response.
pub fn object_text(id: u8) -> String {
    match id {
        0..0x80 => format!("object {id}"),
        _ => char::from(b'A' + id - 0x80).to_string().repeat(100),
    }
}

pub fn range<T>(first: u16, count: u16, rule: impl Fn(u16) -> T) -> Vec<T> {
    (first..first + count).map(rule).collect()
}
