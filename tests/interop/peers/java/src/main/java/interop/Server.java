package interop;

import com.ghgande.j2mod.modbus.procimg.SimpleDigitalIn;
import com.ghgande.j2mod.modbus.procimg.SimpleDigitalOut;
import com.ghgande.j2mod.modbus.procimg.SimpleInputRegister;
import com.ghgande.j2mod.modbus.procimg.SimpleProcessImage;
import com.ghgande.j2mod.modbus.procimg.SimpleRegister;
import com.ghgande.j2mod.modbus.slave.ModbusSlaveFactory;
import java.net.InetAddress;

/** A j2mod slave with the image: Server TRANSPORT PORT, TRANSPORT tcp or rtu_over_tcp. */
final class Server {
  private Server() {}

  public static void main(String[] arguments) throws Exception {
    var image = new SimpleProcessImage();
    for (int i = 0; i < Image.BITS; ++i) {
      image.addDigitalOut(new SimpleDigitalOut(Image.coil(i)));
      image.addDigitalIn(new SimpleDigitalIn(Image.discreteInput(i)));
    }
    for (int i = 0; i < Image.REGISTERS; ++i) {
      image.addRegister(new SimpleRegister(Image.holdingRegister(i)));
      image.addInputRegister(new SimpleInputRegister(Image.inputRegister(i)));
    }
    int port = Integer.parseInt(arguments[1]);
    boolean rtu = arguments[0].equals("rtu_over_tcp");
    var slave = ModbusSlaveFactory.createTCPSlave(InetAddress.getLoopbackAddress(), port, 2, rtu);
    slave.addProcessImage(Image.UNIT, image);
    slave.open();
    System.out.println("READY " + port);
    while (System.in.read() >= 0) {}
    System.exit(0);
  }
}
