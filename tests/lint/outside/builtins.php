<?php
/**
 * What code in this image may name, as JSON: {"builtin": what PHP itself defines, in the form of lint/php/outside.json,
 * "core": source by file}. The site's own files are not in it.
 */

declare(strict_types=1);

const CORE = '/var/www/wordpress/core';

function signature_line(ReflectionFunctionAbstract $function): string
{
    return implode(' ', array_map(
        static fn (ReflectionParameter $one): string => ($one->isVariadic() ? '...' : '') . ($one->isPassedByReference() ? '&' : '')
            . $one->name . ($one->isOptional() && !$one->isVariadic() ? '?' : ''),
        $function->getParameters()
    ));
}

$functions = [];
foreach (get_defined_functions()['internal'] as $name) {
    $function = new ReflectionFunction($name);
    $functions[$function->name] = signature_line($function);
}
$classes = [];
foreach ([...get_declared_classes(), ...get_declared_interfaces()] as $name) {
    $class = new ReflectionClass($name);
    if (!$class->isInternal()) {
        continue;
    }
    $methods = [];
    foreach ($class->getMethods() as $method) {
        $methods[$method->name] = signature_line($method);
    }
    $classes[$class->name] = [
        'parents' => [...($class->getParentClass() ? [$class->getParentClass()->name] : []), ...$class->getInterfaceNames()],
        'methods' => (object) $methods,
        'properties' => array_map(static fn (ReflectionProperty $one): string => $one->name, $class->getProperties()),
        'constants' => array_keys($class->getConstants()),
    ];
}
$core = [];
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator(CORE, FilesystemIterator::SKIP_DOTS)) as $file) {
    // Themes and the site's plugins are no part of core.
    if ($file->getExtension() === 'php' && preg_match('#^' . CORE . '/(wp-[^/]+\.php$|wp-includes/|wp-admin/)#', $file->getPathname()) === 1) {
        $core[substr($file->getPathname(), strlen(CORE) + 1)] = file_get_contents($file->getPathname());
    }
}
ksort($core);
echo json_encode([
    'builtin' => ['constants' => array_keys(get_defined_constants()), 'functions' => $functions, 'classes' => $classes],
    'core' => $core,
], JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
