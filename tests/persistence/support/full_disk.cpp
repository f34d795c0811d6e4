#include "tests/persistence/support/full_disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <stdexcept>

namespace waybill::test {

namespace {

std::atomic<bool> is_full = false;
sqlite3_vfs* real_disk = nullptr;

/// SQLite has other methods for a database than for its log.
struct wrapped_methods {
  sqlite3_io_methods ours{};
  const sqlite3_io_methods* real = nullptr;
};
std::list<wrapped_methods> all_methods;

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  const auto& methods = *std::ranges::find(all_methods, file->pMethods, [](const auto& known) { return &known.ours; });
  sqlite3_int64 size = 0;
  if (is_full && methods.real->xFileSize(file, &size) == SQLITE_OK && at + count > size)
    return SQLITE_FULL;
  return methods.real->xWrite(file, bytes, count, at);
}

const sqlite3_io_methods* wrap(const sqlite3_io_methods* real) {
  auto known = std::ranges::find(all_methods, real, &wrapped_methods::real);
  if (known == all_methods.end()) {
    known = all_methods.insert(known, {*real, real});
    known->ours.xWrite = write;
  }
  return &known->ours;
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* opened) {
  const auto code = real_disk->xOpen(real_disk, name, file, flags, opened);
  if (code == SQLITE_OK && file->pMethods != nullptr)
    file->pMethods = wrap(file->pMethods);
  return code;
}

} // namespace

void full_disk::prepare() {
  static sqlite3_vfs disk;
  if (real_disk != nullptr)
    return;
  real_disk = sqlite3_vfs_find(nullptr);
  disk = *real_disk;
  disk.zName = "disk that can be full";
  disk.xOpen = open;
  if (sqlite3_vfs_register(&disk, 1) != SQLITE_OK)
    throw std::runtime_error{"SQLite takes no disk"};
}

full_disk::full_disk() {
  is_full = true;
}

full_disk::~full_disk() {
  is_full = false;
}

} // namespace waybill::test
