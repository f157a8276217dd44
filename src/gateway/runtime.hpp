// Runtime: the gateway on real threads: the core on the calling one, the field on its own. Ends in order on
// SIGINT and SIGTERM; SIGHUP asks for a reload.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/certificate_watch.hpp"
#include "gateway/control_door.hpp"
#include "gateway/disk_watch.hpp"
#include "gateway/gateway.hpp"
#include "gateway/metrics.hpp"
#include "gateway/outputs.hpp"
#include "gateway/watchdog.hpp"
#include "io/posix/file_lock.hpp"
#include "io/posix/files.hpp"
#include "io/posix/loop.hpp"
#include "io/posix/random.hpp"
#include "io/posix/signals.hpp"
#include "io/posix/thread.hpp"

namespace iw::gateway {

class Runtime {
 public:
  explicit Runtime(Log& log);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  // The folder of all data is ours until the runtime ends: two gateways in one would spoil both histories.
  // busy: another process has it.
  Result<void> claim(const std::string& data_folder);
  // Before start() only.
  void unclaim() { claim_.reset(); }
  // Before run(): who is told that the gateway is ready, lives and ends. It outlives the runtime.
  void supervised_by(io::Supervisor& supervisor);

  // Whether the gateway writes down what it sees and sends it to others, as its configuration says.
  enum class Keep : std::uint8_t { nothing, history_and_events };
  // Before run(). The gateway lives until the runtime ends. Without them, when that can not be opened:
  // the devices matter more.
  Gateway& start(std::unique_ptr<LoadedConfig> config, Keep keep = Keep::nothing);
  void on_reload(std::function<void()> reload) { reload_ = std::move(reload); }
  // Before run(): who uses a certificate is told when there is another one in its file.
  void on_certificate(std::function<void(const CertificateFile&)> changed) {
    certificate_changed_ = std::move(changed);
  }
  // At once, and not only within the next minute.
  void look_at_certificates() { certificate_watch_->look(); }
  // What is to be ended before the gateway; it calls what it is given when it has.
  void before_stop(std::function<void(std::move_only_function<void()>)> end) {
    before_stop_ = std::move(end);
  }
  void reload(std::unique_ptr<LoadedConfig> config);
  [[nodiscard]] std::vector<OutputStatus> outputs() const;
  [[nodiscard]] std::vector<ThreadUsage> threads() const;

  // Until a signal or stop(); then everything is ended.
  void run();
  void stop();

  [[nodiscard]] io::posix::EpollLoop& core() { return core_; }
  [[nodiscard]] io::Files& files() { return files_; }
  [[nodiscard]] io::Random& random() { return random_; }
  // For what answers people and waits for a disk: beside the storage thread, which must not wait for them.
  [[nodiscard]] io::Executor& answering() { return answering_->executor(); }
  [[nodiscard]] io::Files& answering_files() { return answering_files_; }

 private:
  void on_signal(int number);
  std::unique_ptr<EventKeeper> open_events(const LoadedConfig& config);
  std::unique_ptr<Recorder> open_history(const LoadedConfig& config);
  // `what`: a literal.
  void write_down(std::string_view what, const std::string& path, std::string text);
  void apply_outputs();
  void make_outputs();
  void tell_output(const std::string& output, const std::optional<Error>& trouble);
  void forget_outputs();
  void watch_disk(const std::string& data_folder);
  void tell_disk(const std::optional<io::posix::DiskSpace>& full);
  void watch_certificates();
  void tell_certificates(std::span<const CertificateReport> reports);
  std::unique_ptr<connectors::Connector> with_back_fill(const OutputPlan& plan,
                                                        std::unique_ptr<connectors::Connector> connector);
  std::unique_ptr<ControlKeeper> open_control(const LoadedConfig& config);
  void open_door(const std::string& data_folder);

  Log& log_;
  std::optional<io::posix::FileLock> claim_;
  io::posix::EpollLoop core_;
  io::posix::Signals signals_;  // before the field's thread, which inherits the mask
  io::posix::PosixFiles files_;
  io::posix::PosixFiles field_files_;
  io::posix::PosixFiles storage_files_;
  io::posix::PosixFiles answering_files_;
  io::posix::OsRandom random_;
  std::unique_ptr<io::posix::LoopThread> field_;
  std::unique_ptr<io::posix::LoopThread> storage_;  // none when nothing is kept
  std::unique_ptr<io::posix::LoopThread> answering_;
  std::unique_ptr<io::posix::LoopThread> connectors_;  // none before there are outputs
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Outputs> outputs_;
  std::unique_ptr<DiskWatch> disk_watch_;  // none when nothing is kept
  std::unique_ptr<CertificateWatch> certificate_watch_;
  std::function<void(const CertificateFile&)> certificate_changed_;
  Keep keep_ = Keep::nothing;
  io::Supervisor* supervisor_ = nullptr;
  std::optional<Watchdog> watchdog_;
  std::unique_ptr<ControlDoor> door_;  // none where nothing can be controlled
  std::function<void()> reload_;
  std::function<void(std::move_only_function<void()>)> before_stop_;
  bool stopping_ = false;
};

}  // namespace iw::gateway
