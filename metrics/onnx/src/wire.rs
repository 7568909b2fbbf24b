//! Protocol buffers field by field, without a schema: what is not understood can be passed on.

/// A field as it stands in a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    /// All its bytes.
    pub(crate) whole: &'a [u8],
    /// What a field of texts, bytes and messages holds; `None` for numbers.
    pub(crate) payload: Option<&'a [u8]>,
}

/// The fields of a message in order; `None` where its bytes are cut or no message.
pub(crate) fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let (mut rest, mut fields) = (message, Vec::new());
    while !rest.is_empty() {
        let start = rest;
        let key = varint(&mut rest)?;
        let payload = match key & 7 {
            0 => varint(&mut rest).map(|_| None)?,
            1 => take(&mut rest, 8).map(|_| None)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                Some(take(&mut rest, length)?)
            }
            5 => take(&mut rest, 4).map(|_| None)?,
            _ => return None,
        };
        let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0)?;
        fields.push(Field { number, whole: &start[..start.len() - rest.len()], payload });
    }
    Some(fields)
}

/// Appends a field that holds `payload`.
pub(crate) fn write_message(message: &mut Vec<u8>, number: u32, payload: &[u8]) {
    write_varint(message, u64::from(number) << 3 | 2);
    write_varint(message, payload.len() as u64);
    message.extend_from_slice(payload);
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// A number in groups of seven bits, the lowest first; all but the last have the eighth bit set.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn write_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_and_written_back() {
        let mut message = vec![0x08, 0x96, 0x01, 0x0d, 1, 2, 3, 4, 0x09, 1, 2, 3, 4, 5, 6, 7, 8];
        let long = [7; 300];
        write_message(&mut message, 20, &long);
        let found = fields(&message).expect("a message");
        let numbers: Vec<u32> = found.iter().map(|field| field.number).collect();
        assert_eq!(numbers, [1, 1, 1, 20]);
        assert_eq!(found[3].payload, Some(&long[..]));
        assert_eq!(
            found.iter().flat_map(|field| field.whole).copied().collect::<Vec<_>>(),
            message
        );
    }

    #[test]
    fn what_is_no_message_is_none() {
        for bytes in [&[0x0a][..], &[0x0a, 5, 1], &[0x0b], &[0x08], &[0x02, 0], &[0xff; 12]] {
            assert_eq!(fields(bytes), None, "{bytes:?}");
        }
    }
}
