//! tokio-modbus asks a server with the image: `client TRANSPORT PORT`, TRANSPORT tcp or rtu_over_tcp.

use std::{collections::BTreeMap, fmt::Debug, time::Duration};

use interop_peers as image;
use tokio::{net::TcpStream, time::timeout};
use tokio_modbus::{client::Context, prelude::*};

type Checked = Result<(), String>;

fn expect<T: PartialEq + Debug>(got: T, wanted: T, what: &str) -> Checked {
    if got == wanted {
        return Ok(());
    }
    let cut = |value: T| format!("{value:?}").chars().take(60).collect::<String>();
    Err(format!(
        "{what}: expected {}, got {}",
        cut(wanted),
        cut(got)
    ))
}

/// An answer of tokio-modbus: a failed exchange and an exception are both not what was wanted.
fn answered<T>(result: tokio_modbus::Result<T>) -> Result<T, String> {
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(exception)) => Err(format!("exception {exception}")),
        Err(error) => Err(error.to_string()),
    }
}

fn expect_exception<T>(result: tokio_modbus::Result<T>, code: ExceptionCode) -> Checked {
    match result {
        Ok(Err(exception)) => expect(exception, code, "exception"),
        Ok(Ok(_)) => Err(format!("expected {code:?}, got an answer")),
        Err(error) => Err(error.to_string()),
    }
}

const BIT_READS: [(u16, u16); 3] = [(0, 1), (7, 13), (48, 2000)];
const REGISTER_READS: [(u16, u16); 3] = [(0, 1), (5, 10), (875, 125)];

const CHECKS: [&str; 14] = [
    "read_coils",
    "read_discrete_inputs",
    "read_holding_registers",
    "read_input_registers",
    "write_single_coil",
    "write_single_register",
    "write_multiple_coils",
    "write_multiple_registers",
    "mask_write_register",
    "read_write_multiple_registers",
    "read_device_identification",
    "illegal_function",
    "illegal_data_address",
    "illegal_data_value",
];

async fn identification(
    client: &mut Context,
    level: ReadCode,
    first: u8,
) -> Result<BTreeMap<u8, String>, String> {
    let mut objects = BTreeMap::new();
    let mut next = first;
    loop {
        let reply = answered(client.read_device_identification(level, next).await)?;
        for object in reply.device_id_objects {
            objects.insert(
                object.id,
                String::from_utf8_lossy(&object.value).into_owned(),
            );
        }
        if !reply.more_follows {
            return Ok(objects);
        }
        next = reply.next_object_id;
    }
}

fn texts(ids: &[u8]) -> BTreeMap<u8, String> {
    ids.iter().map(|&id| (id, image::object_text(id))).collect()
}

async fn run(check: &str, client: &mut Context) -> Checked {
    match check {
        "read_coils" => {
            for (first, count) in BIT_READS {
                let got = answered(client.read_coils(first, count).await)?;
                expect(got, image::range(first, count, image::coil), "coils")?;
            }
        }
        "read_discrete_inputs" => {
            for (first, count) in BIT_READS {
                let got = answered(client.read_discrete_inputs(first, count).await)?;
                expect(
                    got,
                    image::range(first, count, image::discrete_input),
                    "discrete inputs",
                )?;
            }
        }
        "read_holding_registers" => {
            for (first, count) in REGISTER_READS {
                let got = answered(client.read_holding_registers(first, count).await)?;
                expect(
                    got,
                    image::range(first, count, image::holding_register),
                    "registers",
                )?;
            }
        }
        "read_input_registers" => {
            for (first, count) in REGISTER_READS {
                let got = answered(client.read_input_registers(first, count).await)?;
                expect(
                    got,
                    image::range(first, count, image::input_register),
                    "registers",
                )?;
            }
        }
        "write_single_coil" => {
            for value in [true, false] {
                answered(client.write_single_coil(10, value).await)?;
                expect(
                    answered(client.read_coils(10, 1).await)?,
                    vec![value],
                    "coil 10",
                )?;
            }
        }
        "write_single_register" => {
            for value in [0xBEEF, 0] {
                answered(client.write_single_register(100, value).await)?;
                expect(
                    answered(client.read_holding_registers(100, 1).await)?,
                    vec![value],
                    "register 100",
                )?;
            }
        }
        "write_multiple_coils" => {
            for count in [1, 9, 1968] {
                let values = image::range(0, count, |i| i % 7 == 0);
                answered(client.write_multiple_coils(40, &values).await)?;
                expect(
                    answered(client.read_coils(40, count).await)?,
                    values,
                    "coils",
                )?;
            }
        }
        "write_multiple_registers" => {
            for count in [1, 2, 123] {
                let values = image::range(0, count, |i| i * 257 + count);
                answered(client.write_multiple_registers(200, &values).await)?;
                expect(
                    answered(client.read_holding_registers(200, count).await)?,
                    values,
                    "registers",
                )?;
            }
        }
        "mask_write_register" => {
            answered(client.write_single_register(110, 0x0012).await)?;
            answered(client.masked_write_register(110, 0x00F2, 0x0025).await)?;
            expect(
                answered(client.read_holding_registers(110, 1).await)?,
                vec![0x0017],
                "register 110",
            )?;
        }
        "read_write_multiple_registers" => {
            let values = image::range(0x1000, 121, |i| i);
            let got = answered(
                client
                    .read_write_multiple_registers(400, 125, 402, &values)
                    .await,
            )?;
            let mut wanted = image::range(400, 125, image::holding_register);
            wanted[2..123].copy_from_slice(&values);
            expect(got, wanted, "registers after the write")?;
        }
        "read_device_identification" => {
            let basic = identification(client, ReadCode::Basic, 0).await?;
            expect(basic, texts(&image::OBJECTS[..3]), "basic objects")?;
            let regular = identification(client, ReadCode::Regular, 0).await?;
            expect(regular, texts(&image::OBJECTS[..7]), "regular objects")?;
            let extended = identification(client, ReadCode::Extended, 0).await?;
            expect(extended, texts(&image::OBJECTS), "extended objects")?;
            let single = identification(client, ReadCode::Specific, 0x81).await?;
            expect(single, texts(&[0x81]), "single object")?;
        }
        "illegal_function" => {
            let request = Request::Custom(0x41, vec![0u8, 0].into());
            expect_exception(client.call(request).await, ExceptionCode::IllegalFunction)?;
        }
        "illegal_data_address" => {
            let asked = client.read_holding_registers(image::REGISTERS - 1, 2).await;
            expect_exception(asked, ExceptionCode::IllegalDataAddress)?;
        }
        "illegal_data_value" => {
            let asked = client.read_holding_registers(0, 126).await;
            expect_exception(asked, ExceptionCode::IllegalDataValue)?;
        }
        unknown => return Err(format!("no check {unknown}")),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let stream = TcpStream::connect(format!("127.0.0.1:{}", arguments[2])).await?;
    let mut client = match arguments[1].as_str() {
        "rtu_over_tcp" => rtu::attach_slave(stream, Slave(image::UNIT)),
        _ => tcp::attach_slave(stream, Slave(image::UNIT)),
    };
    for check in CHECKS {
        let outcome = timeout(Duration::from_secs(3), run(check, &mut client)).await;
        let outcome = outcome.unwrap_or_else(|_| Err("no answer within 3 s".to_owned()));
        let detail = outcome.as_ref().err().cloned().unwrap_or_default();
        println!(
            r#"{{"check": "{check}", "ok": {}, "detail": {detail:?}}}"#,
            outcome.is_ok()
        );
    }
    Ok(())
}
