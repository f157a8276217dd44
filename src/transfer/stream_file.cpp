#include "transfer/stream_file.hpp"

#include <array>

#include <openssl/evp.h>

namespace iw::transfer {
namespace {

constexpr std::size_t part_size = std::size_t{1} << 20U;

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

void Sha256::put(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  std::string text;
  for (const unsigned char byte : digest)
    text += fmt::format("{:02x}", byte);
  return text;
}

Result<OutputFile> OutputFile::create(io::Files& files, const std::string& path) {
  auto file = files.create(path, 0640);
  if (!file) return fail(std::move(file).error());
  return OutputFile(std::move(*file));
}

Result<void> OutputFile::put(std::string_view text) {
  buffer_ += text;
  return buffer_.size() < part_size ? Result<void>{} : write();
}

Result<void> OutputFile::put(Bytes bytes) {
  return put(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Result<void> OutputFile::write() {
  auto written = file_->append(bytes_of(buffer_));
  buffer_.clear();
  return written;
}

Result<void> OutputFile::finish() {
  if (auto written = write(); !written) return written;
  return file_->sync();
}

Result<bool> InputFile::more() {
  window_.erase(0, std::exchange(taken_, 0));
  const auto part = files_->read_part(path_, read_, part_size);
  if (!part) return fail(part.error());
  window_ += *part;
  read_ += part->size();
  return !part->empty();
}

Result<std::string> sha256_of(io::Files& files, const std::string& path) {
  InputFile file(files, path);
  Sha256 sum;
  for (;;) {
    const auto more = file.more();
    if (!more) return fail(more.error());
    if (!*more) return sum.hex();
    sum.put(file.rest());
    file.take(file.rest().size());
  }
}

}  // namespace iw::transfer
