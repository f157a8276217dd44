//! A tokio-modbus server with the image: `server TRANSPORT PORT`, TRANSPORT tcp or rtu_over_tcp.

use std::{
    future,
    io::Read,
    sync::{Arc, Mutex},
};

use interop_peers as image;
use tokio::net::TcpListener;
use tokio_modbus::{prelude::*, server};

struct Tables {
    coils: Vec<bool>,
    discrete_inputs: Vec<bool>,
    holding_registers: Vec<u16>,
    input_registers: Vec<u16>,
}

type Answer = Result<Response, ExceptionCode>;

fn cut<T: Clone>(table: &[T], first: u16, count: u16) -> Result<Vec<T>, ExceptionCode> {
    let range = usize::from(first)..usize::from(first) + usize::from(count);
    table
        .get(range)
        .map(<[T]>::to_vec)
        .ok_or(ExceptionCode::IllegalDataAddress)
}

fn put<T: Copy>(table: &mut [T], first: u16, values: &[T]) -> Result<(), ExceptionCode> {
    let range = usize::from(first)..usize::from(first) + values.len();
    table
        .get_mut(range)
        .ok_or(ExceptionCode::IllegalDataAddress)?
        .copy_from_slice(values);
    Ok(())
}

impl Tables {
    fn put_registers(&mut self, first: u16, values: &[u16]) -> Result<(), ExceptionCode> {
        let limited = image::LIMITED
            .checked_sub(first)
            .and_then(|at| values.get(usize::from(at)));
        if limited.is_some_and(|&value| value > image::LIMIT) {
            return Err(ExceptionCode::IllegalDataValue);
        }
        put(&mut self.holding_registers, first, values)
    }

    fn answer(&mut self, request: Request<'_>) -> Answer {
        use Request::*;
        Ok(match request {
            ReadCoils(first, count) => Response::ReadCoils(cut(&self.coils, first, count)?),
            ReadDiscreteInputs(first, count) => {
                Response::ReadDiscreteInputs(cut(&self.discrete_inputs, first, count)?)
            }
            ReadHoldingRegisters(first, count) => {
                Response::ReadHoldingRegisters(cut(&self.holding_registers, first, count)?)
            }
            ReadInputRegisters(first, count) => {
                Response::ReadInputRegisters(cut(&self.input_registers, first, count)?)
            }
            WriteSingleCoil(at, value) => {
                put(&mut self.coils, at, &[value])?;
                Response::WriteSingleCoil(at, value)
            }
            WriteMultipleCoils(first, values) => {
                put(&mut self.coils, first, &values)?;
                Response::WriteMultipleCoils(first, values.len() as u16)
            }
            WriteSingleRegister(at, value) => {
                self.put_registers(at, &[value])?;
                Response::WriteSingleRegister(at, value)
            }
            WriteMultipleRegisters(first, values) => {
                self.put_registers(first, &values)?;
                Response::WriteMultipleRegisters(first, values.len() as u16)
            }
            MaskWriteRegister(at, and, or) => {
                let current = cut(&self.holding_registers, at, 1)?[0];
                self.put_registers(at, &[(current & and) | (or & !and)])?;
                Response::MaskWriteRegister(at, and, or)
            }
            ReadWriteMultipleRegisters(first, count, write_first, values) => {
                self.put_registers(write_first, &values)?;
                Response::ReadWriteMultipleRegisters(cut(&self.holding_registers, first, count)?)
            }
            ReadDeviceIdentification(level, object) => {
                Response::ReadDeviceIdentification(identification(level, object)?)
            }
            _ => return Err(ExceptionCode::IllegalFunction),
        })
    }
}

/// The objects of the level, from `first` on, as many as fit into one response.
fn identification(
    level: ReadCode,
    first: u8,
) -> Result<ReadDeviceIdentificationResponse, ExceptionCode> {
    let last = match level {
        ReadCode::Basic => 2,
        ReadCode::Regular => 6,
        ReadCode::Extended => 0xFF,
        ReadCode::Specific => first,
    };
    let mut objects = Vec::new();
    let mut size = 0;
    let mut next = None;
    for id in image::OBJECTS
        .into_iter()
        .filter(|id| (first..=last).contains(id))
    {
        let value = image::object_text(id).into_bytes();
        size += 2 + value.len();
        if size > 246 {
            next = Some(id);
            break;
        }
        objects.push(DeviceIdObject {
            id,
            value: value.into(),
        });
    }
    if objects.is_empty() {
        return Err(ExceptionCode::IllegalDataAddress);
    }
    Ok(ReadDeviceIdentificationResponse {
        read_code: level,
        conformity_level: ConformityLevel::ExtendedIdentification,
        more_follows: next.is_some(),
        next_object_id: next.unwrap_or(0),
        device_id_objects: objects,
    })
}

#[derive(Clone)]
struct Image(Arc<Mutex<Tables>>);

impl server::Service for Image {
    type Request = SlaveRequest<'static>;
    type Response = Response;
    type Exception = ExceptionCode;
    type Future = future::Ready<Answer>;

    fn call(&self, request: Self::Request) -> Self::Future {
        future::ready(self.0.lock().unwrap().answer(request.request))
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let service = Image(Arc::new(Mutex::new(Tables {
        coils: image::range(0, image::BITS, image::coil),
        discrete_inputs: image::range(0, image::BITS, image::discrete_input),
        holding_registers: image::range(0, image::REGISTERS, image::holding_register),
        input_registers: image::range(0, image::REGISTERS, image::input_register),
    })));
    let listener = TcpListener::bind(format!("127.0.0.1:{}", arguments[2])).await?;
    println!("READY {}", listener.local_addr()?.port());

    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let new_service = |_| Ok(Some(service.clone()));
    let on_error = |error| eprintln!("{error}");
    if arguments[1] == "rtu_over_tcp" {
        let connected = |stream, address| async move {
            server::rtu_over_tcp::accept_tcp_connection(stream, address, new_service)
        };
        server::rtu_over_tcp::Server::new(listener)
            .serve(&connected, on_error)
            .await
    } else {
        let connected = |stream, address| async move {
            server::tcp::accept_tcp_connection(stream, address, new_service)
        };
        server::tcp::Server::new(listener)
            .serve(&connected, on_error)
            .await
    }
}
