#pragma once

#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace waybill::bench {

/// `waybill bench ...`; `args` are the words behind `bench`, `tls` OpenSSL's context for nodes that demand a
/// certificate (null: plain connections). Blocks; writes the result as JSON to standard output. Answers with the exit
/// code: 0 measured, 1 orders or requests failed, 2 usage, 8 the server cannot be reached.
int bench_main(std::vector<std::string> args, std::shared_ptr<ssl_ctx_st> tls);

} // namespace waybill::bench
