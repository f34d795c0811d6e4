"use strict";

// Shows the API document with Swagger UI, which is compiled in like this file: nothing comes from elsewhere.
if (window.SwaggerUIBundle) {
  window.SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    // Who may do what, and the words of what may grow.
    showExtensions: true,
    docExpansion: "list",
    filter: true,
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
} else {
  document.getElementById("missing").hidden = false;
}
