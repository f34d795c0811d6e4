#include "outbound/blocking_request.hpp"

#include "outbound/http/http_sender.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

namespace waybill::outbound {

http_result send_and_wait(http_request request, const http_client_options& options) {
  auto tls = make_tls_context(options);
  if (tls.has_error())
    return http_failure{tls.error().code, tls.error().detail, false};
  asio::io_context context{1};
  const http_sender sender{context.get_executor(), options, std::move(*tls)};
  http_result answer = http_failure{};
  asio::co_spawn(context, sender.send(std::move(request)),
                 [&](const std::exception_ptr& problem, http_result received) {
                   if (problem)
                     std::rethrow_exception(problem);
                   answer = std::move(received);
                 });
  context.run();
  return answer;
}

} // namespace waybill::outbound
