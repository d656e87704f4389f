<?php
/**
 * The plugin's translation files, as they should be, as JSON: {"files": {name: content}, "mistakes": [sentence]}.
 *
 * Arguments: the folder with the code, and the folder with the translators' .po files. Texts are found in the code by
 * PHP's own tokenizer; what translators wrote is kept; each .po becomes the PHP array that is read at run time.
 */

declare(strict_types=1);

// What PHP itself does not have yet: WordPress's classes rely on it.
require '/var/www/wordpress/core/wp-includes/compat.php';
require '/var/www/wordpress/core/wp-includes/pomo/po.php';

/** Call => where its text, plural, context and domain are. Text:: speaks the plugin's domain always. */
const CALLS = [
    '__' => ['text', 'domain'],
    '_e' => ['text', 'domain'],
    'esc_html__' => ['text', 'domain'],
    'esc_html_e' => ['text', 'domain'],
    'esc_attr__' => ['text', 'domain'],
    'esc_attr_e' => ['text', 'domain'],
    '_n' => ['text', 'plural', 'number', 'domain'],
    '_x' => ['text', 'context', 'domain'],
    'esc_html_x' => ['text', 'context', 'domain'],
    '_nx' => ['text', 'plural', 'number', 'context', 'domain'],
    'Text::t' => ['text'],
    'Text::n' => ['text', 'plural', 'number'],
];

/** @return list<\PhpToken> without blanks */
function tokens(string $file): array
{
    return array_values(array_filter(
        \PhpToken::tokenize((string) file_get_contents($file)),
        static fn (\PhpToken $token): bool => !$token->is(T_WHITESPACE)
    ));
}

/** The call that begins at $at, and where its arguments begin; null when none does. */
function call_at(array $tokens, int $at): ?array
{
    $next = static fn (int $by): string => isset($tokens[$at + $by]) ? $tokens[$at + $by]->text : '';
    if ($tokens[$at]->text === 'Text' && $next(1) === '::' && isset(CALLS["Text::{$next(2)}"]) && $next(3) === '(') {
        return ["Text::{$next(2)}", $at + 4];
    }
    $before = $at > 0 ? $tokens[$at - 1]->text : '';
    return $tokens[$at]->is(T_STRING) && isset(CALLS[$tokens[$at]->text]) && $next(1) === '('
        && !in_array($before, ['::', '->', 'function'], true) ? [$tokens[$at]->text, $at + 2] : null;
}

/** @return list<?string> what each argument of a call says; null where it is not one plain text */
function arguments(array $tokens, int $at): array
{
    $arguments = [[]];
    for ($depth = 0; $depth > 0 || $tokens[$at]->text !== ')'; $at++) {
        $token = $tokens[$at];
        $depth += match ($token->text) {
            '(', '[' => 1,
            ')', ']' => -1,
            default => 0,
        };
        if ($depth === 0 && $token->text === ',') {
            $arguments[] = [];
        } elseif (!$token->is(T_COMMENT)) {
            $arguments[array_key_last($arguments)][] = $token;
        }
    }
    return array_map(
        static fn (array $argument): ?string => count($argument) === 1 && $argument[0]->is(T_CONSTANT_ENCAPSED_STRING)
            ? ($argument[0]->text[0] === "'"
                ? strtr(substr($argument[0]->text, 1, -1), ['\\\\' => '\\', "\\'" => "'"])
                : stripcslashes(substr($argument[0]->text, 1, -1)))
            : null,
        array_values(array_filter($arguments))
    );
}

/** The words to translators that stand before a call in the same statement. */
function comment_before(array $tokens, int $at): string
{
    for ($i = $at - 1; $i >= 0 && $tokens[$i]->text !== ';'; $i--) {
        if ($tokens[$i]->is(T_COMMENT) && preg_match('#translators:.*?(?=\s*\*/)#', $tokens[$i]->text, $match) === 1) {
            return $match[0];
        }
        if ($tokens[$i]->is(T_CLOSE_TAG) || call_at($tokens, $i) !== null) {
            break;
        }
    }
    return '';
}

/** @param list<string> $mistakes */
function from_code(string $root, array &$mistakes): PO
{
    $found = new PO();
    $files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($root, FilesystemIterator::SKIP_DOTS));
    // Text hands on what others say, in variables.
    $paths = array_filter(array_map(strval(...), iterator_to_array($files, false)), static fn (string $path): bool =>
        str_ends_with($path, '.php') && !str_ends_with($path, '.l10n.php') && !str_ends_with($path, '/Http/Text.php'));
    sort($paths);
    foreach ($paths as $path) {
        $name = ltrim(substr($path, strlen($root)), '/');
        $tokens = tokens($path);
        foreach (array_keys($tokens) as $at) {
            $call = call_at($tokens, $at);
            if ($call === null) {
                continue;
            }
            $parts = CALLS[$call[0]];
            $given = arguments($tokens, $call[1]);
            $said = array_combine($parts, array_slice(array_pad($given, count($parts), null), 0, count($parts)));
            unset($said['number']);
            $where = "$name:{$tokens[$at]->line}";
            if (in_array(null, $said, true)) {
                $mistakes[] = "$where: {$call[0]}() needs its texts, and the domain, written out";
            } elseif (($said['domain'] ?? 'floodgate') !== 'floodgate') {
                $mistakes[] = "$where: the text domain is \"{$said['domain']}\"; it must be \"floodgate\"";
            } else {
                add($found, $said, $name, comment_before($tokens, $at));
            }
        }
    }
    return $found;
}

/** @param array<string, string> $said */
function add(PO $found, array $said, string $file, string $comment): void
{
    $entry = new Translation_Entry(array_filter([
        'singular' => $said['text'],
        'plural' => $said['plural'] ?? null,
        'context' => $said['context'] ?? null,
    ], static fn (?string $value): bool => $value !== null));
    $known = $found->entries[$entry->key()] ?? null;
    if ($known === null) {
        $entry->flags = preg_match('/%(\d+\$)?[sd]/', $said['text'] . ($said['plural'] ?? '')) === 1 ? ['php-format'] : [];
        $found->add_entry($entry);
        $known = $entry;
    } elseif (isset($said['plural'])) {
        $known->plural = $said['plural'];
        $known->is_plural = true;
    }
    $known->references = array_values(array_unique([...$known->references, $file]));
    $known->extracted_comments = $known->extracted_comments !== '' ? $known->extracted_comments : $comment;
}

/** What is translated, under the texts that the code has now. */
function merged(PO $template, PO $translated, string $file, array &$mistakes): PO
{
    $merged = new PO();
    $merged->set_headers($translated->headers);
    foreach ($template->entries as $key => $entry) {
        $known = $translated->entries[$key] ?? null;
        $entry = clone $entry;
        $entry->translations = array_values(array_filter($known->translations ?? [], static fn (string $text): bool => $text !== ''));
        $entry->translator_comments = $known->translator_comments ?? '';
        $merged->add_entry($entry);
        $wanted = $entry->is_plural ? 2 : 1;
        if (count($entry->translations) !== $wanted || in_array('fuzzy', $known->flags ?? [], true)) {
            $mistakes[] = "$file: not translated: \"{$entry->singular}\"";
            continue;
        }
        foreach ($entry->translations as $text) {
            // A plural may leave its number out of the form for one.
            if (!$entry->is_plural && placeholders($text) !== placeholders($entry->singular)) {
                $mistakes[] = "$file: other placeholders than in \"{$entry->singular}\": \"$text\"";
            }
        }
    }
    return $merged;
}

/** @return list<string> */
function placeholders(string $text): array
{
    preg_match_all('/%(?:\d+\$)?[sd%]/', $text, $match);
    sort($match[0]);
    return $match[0];
}

/** The array that WordPress, and the plugin without it, read. */
function as_php(PO $po): string
{
    $lines = '';
    foreach ($po->entries as $entry) {
        if ($entry->translations !== []) {
            $key = ($entry->context === null ? '' : "{$entry->context}\4") . $entry->singular;
            $lines .= '        ' . literal($key) . ' => ' . literal(implode("\0", $entry->translations)) . ",\n";
        }
    }
    $headers = '';
    foreach (['Project-Id-Version' => 'domain', 'Language' => 'language', 'Plural-Forms' => 'plural-forms'] as $header => $name) {
        $value = $header === 'Project-Id-Version' ? 'floodgate' : (string) $po->headers[$header];
        $headers .= "    '$name' => " . literal($value) . ",\n";
    }
    return "<?php\n\nreturn [\n{$headers}    'messages' => [\n$lines    ],\n];\n";
}

function literal(string $text): string
{
    return preg_match('/[\x00-\x1f]/', $text) === 1
        ? '"' . addcslashes($text, "\0..\37\"\$\\") . '"'
        : "'" . addcslashes($text, "'\\") . "'";
}

[, $code, $languages] = $argv;
$mistakes = [];
$template = from_code($code, $mistakes);
$template->set_headers([
    'Project-Id-Version' => 'Floodgate',
    'MIME-Version' => '1.0',
    'Content-Type' => 'text/plain; charset=UTF-8',
    'Content-Transfer-Encoding' => '8bit',
    'X-Domain' => 'floodgate',
]);
$files = ['floodgate.pot' => $template->export() . "\n"];
foreach (glob("$languages/*.po") ?: [] as $path) {
    $translated = new PO();
    $translated->import_from_file($path) ?: throw new RuntimeException("cannot read $path");
    $merged = merged($template, $translated, basename($path), $mistakes);
    $files[basename($path)] = $merged->export() . "\n";
    $files[basename($path, '.po') . '.l10n.php'] = as_php($merged);
}
echo json_encode(['files' => $files, 'mistakes' => $mistakes], JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
