package interop;

/** The register image that every server of the interop tests holds (README.md, "The image"). */
final class Image {
  static final int UNIT = 1;
  static final int BITS = 2048;
  static final int REGISTERS = 1000;
  static final int[] OBJECTS = {0, 1, 2, 3, 4, 5, 6, 0x80, 0x81, 0x82};

  private Image() {}

  static boolean coil(int i) {
    return i % 3 == 0;
  }

  static boolean discreteInput(int i) {
    return i % 5 == 0;
  }

  static int holdingRegister(int i) {
    return (i * 7 + 3) & 0xFFFF;
  }

  static int inputRegister(int i) {
    return (i * 11 + 5) & 0xFFFF;
  }

  /** Private objects are long, so that all of them take more than one response. */
  static String objectText(int id) {
    return id < 0x80 ? "object " + id : String.valueOf((char) ('A' + id - 0x80)).repeat(100);
  }
}
