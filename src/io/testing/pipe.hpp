// A pipe: two ByteStreams joined back to back, in memory, on one executor.
//
// Each end can be told how many bytes a read may give at most, to prove that a parser takes dribbles.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/executor.hpp"
#include "io/stream.hpp"

namespace iw::io::testing {

class PipeEnd final : public ByteStream {
 public:
  PipeEnd(Executor& executor, std::string peer) : executor_(executor), peer_(std::move(peer)) {}
  ~PipeEnd() override { close(); }

  void close() override;
  [[nodiscard]] std::string peer() const override { return peer_; }

  // What the test asks for.
  void limit_reads(std::size_t most) { most_ = most; }
  void break_with(ErrorKind kind);                       // the other end resets, or hangs up
  [[nodiscard]] std::vector<std::byte> take_received();  // what came in and nobody read
  [[nodiscard]] std::size_t waiting() const { return inbox_.size(); }
  [[nodiscard]] bool closed() const { return closed_; }

  // For a peer that is no coroutine, as ScriptedPeer.
  void send(Bytes bytes);                          // to the other end; lost when that is gone
  void reset();                                    // breaks the connection: the other end sees a reset
  void notify(std::move_only_function<void()> f);  // runs f, as a job, when bytes came or the other end went
  [[nodiscard]] std::optional<ErrorKind> broken() const { return broken_; }

 protected:
  std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                Operation<Result<std::size_t>>& op) override;
  std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) override;

 private:
  friend std::pair<std::unique_ptr<PipeEnd>, std::unique_ptr<PipeEnd>> make_pipe(Executor&, std::string,
                                                                                 std::string);

  void receive(Bytes bytes);
  void finish_read();
  void call_notified();
  std::size_t take(MutableBytes into);

  Executor& executor_;
  std::string peer_;
  PipeEnd* other_ = nullptr;
  std::vector<std::byte> inbox_;
  std::size_t most_ = static_cast<std::size_t>(-1);
  std::optional<ErrorKind> broken_;
  bool closed_ = false;
  MutableBytes into_;
  Operation<Result<std::size_t>>* reading_ = nullptr;
  std::move_only_function<void()> notified_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

std::pair<std::unique_ptr<PipeEnd>, std::unique_ptr<PipeEnd>> make_pipe(
    Executor& executor, std::string peer_of_first = "pipe:b", std::string peer_of_second = "pipe:a");

}  // namespace iw::io::testing
