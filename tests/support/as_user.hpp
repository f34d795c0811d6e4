#pragma once

#include <sys/fsuid.h>
#include <sys/types.h>

namespace waybill::test {

/// While it lives, this thread makes sockets (and files) as another user. Needs root.
class as_user {
public:
  explicit as_user(uid_t user) : before_(static_cast<uid_t>(::setfsuid(user))) {}
  ~as_user() { ::setfsuid(before_); }
  as_user(const as_user&) = delete;
  as_user& operator=(const as_user&) = delete;

private:
  uid_t before_;
};

} // namespace waybill::test
