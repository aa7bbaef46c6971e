// What a browser would only tell at run time: names that do not exist, results nobody uses, == for ===.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["web/static/vendor/", "node_modules/", ".venv/", "build/", "dist/", "out/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: { ...globals.browser, L: "readonly" } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "max-len": ["error", { code: 120, ignoreRegExpLiterals: true }],
      "no-var": "error",
      "prefer-const": "error",
      "no-implied-eval": "error",
      "no-unused-vars": ["error", { caughtErrors: "none", ignoreRestSiblings: true }],
      "no-restricted-syntax": [
        "error",
        {
          selector: "AssignmentExpression[left.property.name=/^(inner|outer)HTML$/]",
          message: "What people wrote is text, never markup: build elements with h() of dom.js.",
        },
      ],
    },
  },
  {
    files: ["web/static/phone/sw.js"],
    languageOptions: {
      globals: {
        ...globals.serviceworker,
        VERSION: "readonly",
        KEPT: "readonly",
        LATER: "readonly",
        WORDS: "readonly",
      },
    },
  },
  { files: ["tests/js/**", "*.mjs"], languageOptions: { globals: globals.node } },
];
