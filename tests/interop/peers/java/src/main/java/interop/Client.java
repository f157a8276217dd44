package interop;

import com.ghgande.j2mod.modbus.ModbusSlaveException;
import com.ghgande.j2mod.modbus.facade.ModbusTCPMaster;
import com.ghgande.j2mod.modbus.io.ModbusTransaction;
import com.ghgande.j2mod.modbus.msg.ExceptionResponse;
import com.ghgande.j2mod.modbus.msg.ModbusRequest;
import com.ghgande.j2mod.modbus.msg.ModbusResponse;
import com.ghgande.j2mod.modbus.msg.ReadFIFOQueueRequest;
import com.ghgande.j2mod.modbus.msg.ReadMEIRequest;
import com.ghgande.j2mod.modbus.msg.ReadMEIResponse;
import com.ghgande.j2mod.modbus.msg.ReadWriteMultipleRequest;
import com.ghgande.j2mod.modbus.msg.ReadWriteMultipleResponse;
import com.ghgande.j2mod.modbus.procimg.InputRegister;
import com.ghgande.j2mod.modbus.procimg.Register;
import com.ghgande.j2mod.modbus.procimg.SimpleRegister;
import com.ghgande.j2mod.modbus.util.BitVector;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** j2mod asks a server with the image: Client TRANSPORT PORT, TRANSPORT tcp or rtu_over_tcp. */
final class Client {
  private interface Check {
    void run() throws Exception;
  }

  private interface BitRead {
    BitVector ask(int first, int count) throws Exception;
  }

  private interface RegisterRead {
    InputRegister[] ask(int first, int count) throws Exception;
  }

  private static final int[][] BIT_READS = {{0, 1}, {7, 13}, {48, 2000}};
  private static final int[][] REGISTER_READS = {{0, 1}, {5, 10}, {875, 125}};

  private final ModbusTCPMaster master;
  private final Map<String, Check> checks = new LinkedHashMap<>();

  private Client(ModbusTCPMaster master) {
    this.master = master;
    checks.put("read_coils", () -> readBits(master::readCoils, Image::coil));
    checks.put("read_discrete_inputs", () -> readBits(master::readInputDiscretes, Image::discreteInput));
    checks.put("read_holding_registers",
        () -> readRegisters(master::readMultipleRegisters, Image::holdingRegister));
    checks.put("read_input_registers", () -> readRegisters(master::readInputRegisters, Image::inputRegister));
    checks.put("write_single_coil", this::writeSingleCoil);
    checks.put("write_single_register", this::writeSingleRegister);
    checks.put("write_multiple_coils", this::writeMultipleCoils);
    checks.put("write_multiple_registers", this::writeMultipleRegisters);
    checks.put("mask_write_register", this::maskWriteRegister);
    checks.put("read_write_multiple_registers", this::readWriteMultipleRegisters);
    checks.put("read_device_identification", this::readDeviceIdentification);
    checks.put("illegal_function", () -> expectException(() -> ask(new ReadFIFOQueueRequest()), 1));
    checks.put("illegal_data_address",
        () -> expectException(() -> master.readMultipleRegisters(Image.REGISTERS - 1, 2), 2));
    checks.put("illegal_data_value", () -> expectException(() -> master.readMultipleRegisters(0, 126), 3));
  }

  private void readBits(BitRead read, IntPredicate rule) throws Exception {
    for (int[] r : BIT_READS) {
      boolean[] wanted = new boolean[r[1]];
      for (int i = 0; i < r[1]; ++i) wanted[i] = rule.test(r[0] + i);
      expect(bits(read.ask(r[0], r[1]), r[1]), Arrays.toString(wanted), r[1] + " bits from " + r[0]);
    }
  }

  private void readRegisters(RegisterRead read, IntUnaryOperator rule) throws Exception {
    for (int[] r : REGISTER_READS) {
      int[] wanted = IntStream.range(r[0], r[0] + r[1]).map(rule).toArray();
      expect(values(read.ask(r[0], r[1])), Arrays.toString(wanted), r[1] + " registers from " + r[0]);
    }
  }

  private void writeSingleCoil() throws Exception {
    for (boolean value : new boolean[] {true, false}) {
      master.writeCoil(10, value);
      expect(bits(master.readCoils(10, 1), 1), "[" + value + "]", "coil 10");
    }
  }

  private void writeSingleRegister() throws Exception {
    for (int value : new int[] {0xBEEF, 0}) {
      master.writeSingleRegister(100, new SimpleRegister(value));
      expect(values(master.readMultipleRegisters(100, 1)), "[" + value + "]", "register 100");
    }
  }

  private void writeMultipleCoils() throws Exception {
    for (int count : new int[] {1, 9, 1968}) {
      var coils = new BitVector(count);
      for (int i = 0; i < count; ++i) coils.setBit(i, i % 7 == 0);
      master.writeMultipleCoils(40, coils);
      expect(bits(master.readCoils(40, count), count), bits(coils, count), count + " coils");
    }
  }

  private void writeMultipleRegisters() throws Exception {
    for (int count : new int[] {1, 2, 123}) {
      int[] wanted = IntStream.range(0, count).map(i -> (i * 257 + count) & 0xFFFF).toArray();
      master.writeMultipleRegisters(200, registers(wanted));
      expect(values(master.readMultipleRegisters(200, count)), Arrays.toString(wanted), count + " registers");
    }
  }

  private void maskWriteRegister() throws Exception {
    master.writeSingleRegister(110, new SimpleRegister(0x0012));
    master.maskWriteRegister(110, 0x00F2, 0x0025);
    expect(values(master.readMultipleRegisters(110, 1)), "[" + 0x0017 + "]", "register 110");
  }

  private void readWriteMultipleRegisters() throws Exception {
    int[] written = IntStream.range(0, 121).map(i -> 0x1000 + i).toArray();
    int[] wanted = IntStream.range(400, 525).map(Image::holdingRegister).toArray();
    System.arraycopy(written, 0, wanted, 2, written.length);
    var request = new ReadWriteMultipleRequest(Image.UNIT, 400, 125, 402, written.length);
    request.setRegisters(registers(written));
    var response = (ReadWriteMultipleResponse) ask(request);
    int[] got = IntStream.range(0, response.getWordCount()).map(response::getRegisterValue).toArray();
    expect(Arrays.toString(got), Arrays.toString(wanted), "registers after the write");
  }

  private void readDeviceIdentification() throws Exception {
    identify(1, 0, 3);
    identify(2, 0, 7);
    // j2mod does not tell what follows, so each part is asked for.
    identify(3, 0, 8);
    identify(3, 0x81, 2);
    identify(4, 0x81, 1);
  }

  private void identify(int level, int first, int count) throws Exception {
    var response = (ReadMEIResponse) ask(new ReadMEIRequest(level, first));
    expect(String.valueOf(response.getFieldCount()), String.valueOf(count), "objects from " + first);
    int at = 0;
    while (Image.OBJECTS[at] != first) ++at;
    for (int i = 0; i < count; ++i) {
      int id = Image.OBJECTS[at + i];
      expect(response.getFieldId(i) + response.getField(i), id + Image.objectText(id), "object " + id);
    }
  }

  private ModbusResponse ask(ModbusRequest request) throws Exception {
    request.setUnitID(Image.UNIT);
    ModbusTransaction transaction = master.getTransport().createTransaction();
    transaction.setRequest(request);
    transaction.execute();
    if (transaction.getResponse() instanceof ExceptionResponse exception) {
      throw new ModbusSlaveException(exception.getExceptionCode());
    }
    return transaction.getResponse();
  }

  private static void expectException(Check check, int code) throws Exception {
    try {
      check.run();
    } catch (ModbusSlaveException exception) {
      expect(String.valueOf(exception.getType()), String.valueOf(code), "exception");
      return;
    }
    throw new IllegalStateException("expected exception " + code + ", got an answer");
  }

  private static void expect(String got, String wanted, String what) {
    if (got.equals(wanted)) return;
    throw new IllegalStateException(what + ": expected " + cut(wanted) + ", got " + cut(got));
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), 60));
  }

  private static String bits(BitVector vector, int count) {
    boolean[] bits = new boolean[count];
    for (int i = 0; i < count; ++i) bits[i] = vector.getBit(i);
    return Arrays.toString(bits);
  }

  private static String values(InputRegister[] registers) {
    return Arrays.toString(Arrays.stream(registers).mapToInt(r -> r.getValue() & 0xFFFF).toArray());
  }

  private static Register[] registers(int[] values) {
    return Arrays.stream(values).mapToObj(SimpleRegister::new).toArray(Register[]::new);
  }

  private void run() {
    checks.forEach((name, check) -> {
      String detail = "";
      try {
        check.run();
      } catch (Exception why) {
        detail = why.toString();
      }
      System.out.printf("{\"check\": \"%s\", \"ok\": %b, \"detail\": \"%s\"}%n", name, detail.isEmpty(),
          detail.replace("\\", "\\\\").replace("\"", "\\\""));
    });
  }

  public static void main(String[] arguments) throws Exception {
    boolean rtu = arguments[0].equals("rtu_over_tcp");
    var master = new ModbusTCPMaster("127.0.0.1", Integer.parseInt(arguments[1]), 3000, false, rtu);
    master.setRetries(0);
    master.connect();
    new Client(master).run();
    master.disconnect();
    System.exit(0);
  }
}
