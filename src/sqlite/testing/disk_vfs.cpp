// The disk as SQLite sees it: https://sqlite.org/c3ref/io_methods.html and vfs.html. It behaves as the one
// for Unix: the first sync of a new journal or log makes its name certain, too.
#include <algorithm>
#include <cstring>
#include <new>

#include <fmt/format.h>
#include <sqlite3.h>

#include "sqlite/testing/disk.hpp"
#include "sqlite/testing/disk_files.hpp"

namespace iw::sqlite::testing {
namespace {

struct OpenFile {
  sqlite3_file base;  // first, for SQLite knows only this
  Disk* disk;
  Disk::FilePtr file;
  std::string path;  // empty: a temporary file without a name
  bool name_unsynced;
  bool delete_on_close;
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

int code(const Result<void>& done, int of_error) {
  if (done) return SQLITE_OK;
  if (done.error().kind == ErrorKind::exhausted) return SQLITE_FULL;
  return done.error().kind == ErrorKind::denied ? SQLITE_READONLY : of_error;
}

int close(sqlite3_file* handle) {
  OpenFile& open = of(handle);
  if (open.delete_on_close && !open.path.empty()) (void)open.disk->remove(open.path);
  open.~OpenFile();
  return SQLITE_OK;
}

int read(sqlite3_file* handle, void* into, int count, sqlite3_int64 offset) {
  const OpenFile& open = of(handle);
  if (const auto done = open.disk->read(); !done) return SQLITE_IOERR_READ;
  const auto& content = open.file->content;
  const auto begin = std::min(content.size(), static_cast<std::size_t>(offset));
  const auto n = std::min(content.size() - begin, static_cast<std::size_t>(count));
  if (n > 0) std::memcpy(into, content.data() + begin, n);
  std::memset(static_cast<std::byte*>(into) + n, 0, static_cast<std::size_t>(count) - n);
  return n == static_cast<std::size_t>(count) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* handle, const void* from, int count, sqlite3_int64 offset) {
  const OpenFile& open = of(handle);
  const Bytes bytes(static_cast<const std::byte*>(from), static_cast<std::size_t>(count));
  return code(open.disk->write(*open.file, static_cast<std::uint64_t>(offset), bytes), SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* handle, sqlite3_int64 size) {
  const OpenFile& open = of(handle);
  return code(open.disk->truncate(*open.file, static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* handle, int /*flags*/) {
  OpenFile& open = of(handle);
  if (const auto done = open.disk->sync(*open.file); !done) return SQLITE_IOERR_FSYNC;
  if (open.name_unsynced) {
    if (const auto done = open.disk->sync_folder(); !done) return SQLITE_IOERR_DIR_FSYNC;
    open.name_unsynced = false;
  }
  return SQLITE_OK;
}

int file_size(sqlite3_file* handle, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(of(handle).file->content.size());
  return SQLITE_OK;
}

int no_lock(sqlite3_file* /*handle*/, int /*level*/) { return SQLITE_OK; }
int nobody_writes(sqlite3_file* /*handle*/, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}
int control(sqlite3_file* handle, int what, void* with) {
  if (what != SQLITE_FCNTL_PRAGMA || !of(handle).disk->default_pages()) return SQLITE_NOTFOUND;
  const std::string_view pragma = static_cast<char**>(with)[1];
  return pragma == "page_size" ? SQLITE_OK : SQLITE_NOTFOUND;  // done, so SQLite leaves it as it is
}
int sector_size(sqlite3_file* /*handle*/) { return 4096; }
int characteristics(sqlite3_file* /*handle*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_shared(sqlite3_file* handle, int region, int /*size*/, int extend, void volatile** mapped) {
  auto& shared = of(handle).file->shared;
  *mapped = nullptr;
  const auto index = static_cast<std::size_t>(region);
  if (index >= shared.size() && extend == 0) return SQLITE_OK;
  while (index >= shared.size())
    shared.push_back(std::make_unique<std::array<std::byte, std::size_t{32} << 10U>>());
  *mapped = shared[index]->data();
  return SQLITE_OK;
}
int no_shared_lock(sqlite3_file* /*handle*/, int /*from*/, int /*count*/, int /*flags*/) { return SQLITE_OK; }
void no_barrier(sqlite3_file* /*handle*/) {}
int unmap_shared(sqlite3_file* handle, int remove) {
  if (remove != 0) of(handle).file->shared.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods{.iVersion = 2,
                                     .xClose = close,
                                     .xRead = read,
                                     .xWrite = write,
                                     .xTruncate = truncate,
                                     .xSync = sync,
                                     .xFileSize = file_size,
                                     .xLock = no_lock,
                                     .xUnlock = no_lock,
                                     .xCheckReservedLock = nobody_writes,
                                     .xFileControl = control,
                                     .xSectorSize = sector_size,
                                     .xDeviceCharacteristics = characteristics,
                                     .xShmMap = map_shared,
                                     .xShmLock = no_shared_lock,
                                     .xShmBarrier = no_barrier,
                                     .xShmUnmap = unmap_shared,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* handle, int flags, int* out_flags) {
  Disk& disk = disk_of(vfs);
  handle->pMethods = nullptr;
  const std::string path = name == nullptr ? "" : name;
  Disk::FilePtr file = path.empty() ? disk.make_nameless() : disk.find(path);
  const bool is_new = !file;
  if (is_new) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    auto created = disk.create(path);
    if (!created) return created.error().kind == ErrorKind::io ? SQLITE_IOERR : SQLITE_CANTOPEN;
    file = std::move(*created);
  }
  constexpr int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  new (handle) OpenFile{.base = {.pMethods = &methods},
                        .disk = &disk,
                        .file = std::move(file),
                        .path = path,
                        .name_unsynced = is_new && (flags & journals) != 0,
                        .delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  Disk& disk = disk_of(vfs);
  if (!disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
  if (const auto done = disk.remove(name); !done) return SQLITE_IOERR_DELETE;
  if (sync_folder == 0) return SQLITE_OK;
  return disk.sync_folder() ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

int access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* result) {
  *result = disk_of(vfs).find(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs* /*vfs*/, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

// The same on each run: it only salts the log and names temporary files.
int no_chance(sqlite3_vfs* /*vfs*/, int count, char* out) {
  std::memset(out, 7, static_cast<std::size_t>(count));
  return count;
}
int no_sleep(sqlite3_vfs* /*vfs*/, int us) { return us; }
int no_time(sqlite3_vfs* /*vfs*/, double* julian_days) {
  *julian_days = 2'461'000;
  return SQLITE_OK;
}
int no_error(sqlite3_vfs* /*vfs*/, int /*size*/, char* /*out*/) { return 0; }

}  // namespace

struct Disk::Vfs {
  sqlite3_vfs vfs;
};

void Disk::VfsDelete::operator()(Vfs* vfs) const {
  sqlite3_vfs_unregister(&vfs->vfs);
  delete vfs;
}

Disk::Disk()
    : files_(std::make_unique<DiskFiles>(*this)),
      vfs_name_(fmt::format("disk-{}", static_cast<const void*>(this))),
      vfs_(new Vfs{.vfs = {.iVersion = 1,
                           .szOsFile = sizeof(OpenFile),
                           .mxPathname = 512,
                           .zName = vfs_name_.c_str(),
                           .pAppData = this,
                           .xOpen = open,
                           .xDelete = remove_file,
                           .xAccess = access,
                           .xFullPathname = full_path,
                           .xRandomness = no_chance,
                           .xSleep = no_sleep,
                           .xCurrentTime = no_time,
                           .xGetLastError = no_error}}) {
  sqlite3_vfs_register(&vfs_->vfs, 0);
}

Disk::~Disk() = default;

}  // namespace iw::sqlite::testing
