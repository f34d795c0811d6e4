#pragma once

namespace waybill::test {

/// While one lives, SQLite finds the disk full: no file grows. Only for databases that were opened after prepare().
class full_disk {
public:
  full_disk();
  ~full_disk();
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

  /// Has SQLite open files so that a disk can become full.
  static void prepare();
};

} // namespace waybill::test
