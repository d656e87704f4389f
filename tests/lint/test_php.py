"""What the linter of PHP finds, and what it leaves alone."""

from __future__ import annotations

import json

import pytest

from lint.linters import OUTSIDE
from lint.php.check import faults
from lint.php.outside import outside

SHOP = """<?php
namespace Floodgate\\Shop;
enum Size: string
{
    case Small = 'small';
    public const USUAL = self::Small;
    public function label(): string { return $this->value; }
}
final class Ware
{
    private int $sold = 0;
    public function __construct(public readonly string $name, public readonly ?Size $size = null, int ...$more)
    {
        $this->sold = count($more);
    }
    public static function named(string $name): self { return new self($name); }
    public function sold(): int { return $this->sold; }
    public function with(Size $size): static { return new self($this->name, $size); }
}
"""
INSIDE = "<?php\nnamespace Floodgate\\Counter;\nuse Floodgate\\Shop\\Size;\nuse Floodgate\\Shop\\Ware;\n"

WRONG = [
    ("a class that is not there", "new Wares('a');", "there is no class Floodgate\\Counter\\Wares"),
    (
        "a class of the outside without its backslash",
        "function f(WP_Error $e): void {}",
        "no class Floodgate\\Counter\\WP_Error",
    ),
    (
        "a caught class that is not there",
        "try { f(); } catch (JsonException) {}\nfunction f(): void {}",
        "JsonException",
    ),
    ("a class after instanceof", "function f(mixed $a): bool { return $a instanceof Wear; }", "Counter\\Wear"),
    ("a class in a comment", "/** As Floodgate\\Shop\\Wares does. */", "a comment names Floodgate\\Shop\\Wares"),
    ("an import of nothing", "use Floodgate\\Shop\\Wares;", "there is no class Floodgate\\Shop\\Wares"),
    ("an import that is not used", "use Floodgate\\Shop;", "Floodgate\\Shop is imported and not used"),
    ("a function that is not there", "esc_htm('a');", "there is no function esc_htm()"),
    ("too few arguments", "add_action('init');", "add_action() needs $callback"),
    ("too many arguments", "Ware::named('a', 'b');", "takes 1 arguments, not 2"),
    ("too many arguments of a function", "abs(1, 2);", "abs() takes 1 arguments, not 2"),
    ("a parameter of another name", "Ware::named(title: 'a');", "has no parameter $title"),
    ("a constant that is not there", "echo PHP_URL_HOTS;", "there is no constant PHP_URL_HOTS"),
    ("a case that is not there", "echo Size::Tiny->value;", "there is no Floodgate\\Shop\\Size::Tiny"),
    ("a static method that is not there", "Ware::called('a');", "there is no Floodgate\\Shop\\Ware::called()"),
    ("a method of a new object", "(new Ware('a'))->sell();", "there is no Floodgate\\Shop\\Ware::sell()"),
    ("a method of a parameter", "function f(Ware $w): void { $w->sell(); }", "Ware::sell()"),
    ("a method of a nullable parameter", "function f(?Ware $w): void { $w?->sell(); }", "Ware::sell()"),
    ("a method of a variable", "function f(): void { $w = Ware::named('a'); $w->sell(); }", "Ware::sell()"),
    ("a method at the end of a chain", "function f(Ware $w): void { $w->with(Size::Small)->sell(); }", "Ware::sell()"),
    ("a method of a property", "function f(Ware $w): void { $w->size->sell(); }", "Size::sell()"),
    (
        "a method of what is caught",
        "try { f(); } catch (\\RuntimeException $e) { $e->getText(); }\nfunction f(): void {}",
        "RuntimeException::getText()",
    ),
    ("a method of an outside class", "function f(\\WP_Error $e): void { $e->get_code(); }", "WP_Error::get_code()"),
    (
        "a property that is not there",
        "function f(Ware $w): void { echo $w->title; }",
        "there is no Floodgate\\Shop\\Ware::$title",
    ),
    ("a private property", "function f(Ware $w): void { echo $w->sold; }", "Ware::$sold is private"),
    ("a variable without a value", "function f(Ware $w): void { echo $ware; }", "$ware is never given a value here"),
    (
        "a variable that a closure lacks",
        "function f(int $a): \\Closure { return function () { return $a; }; }",
        "$a is never",
    ),
    (
        "a method of either value",
        "function f(bool $b): void { $w = null; if ($b) { $w = new Ware('a'); } $w?->sell(); }",
        "Ware::sell()",
    ),
    ("an enum's value for an enum", "function f(Ware $w): void { $w->with(Size::Small->value); }", "Size, not string"),
    (
        "a string for an enum",
        "function f(Ware $w): void { $w->with('small'); }",
        "is Floodgate\\Shop\\Size, not string",
    ),
    ("a number for a string", "function f(Ware $w): void { Ware::named($w->sold()); }", "is string, not int"),
    ("an object for another", "function f(Ware $w): void { $w->with($w); }", "not Floodgate\\Shop\\Ware"),
    (
        "a result of another type",
        "function f(Ware $w): int { return $w->name; }",
        "this is string, and the function returns int",
    ),
    (
        "a private method that nothing calls",
        "final class A { private function f(): void {} }",
        "private f is never used",
    ),
    ("a second class of one short name", "namespace Floodgate\\Other; final class Ware {}", "a second class Ware"),
]

RIGHT = [
    (
        "a value that may be one of two",
        "function f(Ware|array $w): string { return $w instanceof Ware ? $w->name : ''; }",
    ),
    ("what a function writes", "function f(string $a): string { preg_match('/a/', $a, $match); return $match[0]; }"),
    ("what a loop gives", "function f(array $a): void { foreach ($a as $k => ['x' => $x]) { echo $k, $x; } }"),
    ("an arrow function's surroundings", "function f(int $a): \\Closure { return fn (int $b): int => $a + $b; }"),
    ("an argument in another order", "new Ware(size: Size::Small, name: 'a');"),
    ("arguments of a list", "function f(array $a): Ware { return new Ware(...$a); }"),
    ("a callable made of a method", "array_map(Ware::named(...), ['a']);"),
    ("an enum's own methods", "echo Size::from('small')->label(), count(Size::cases()), Size::tryFrom('x')?->name;"),
    ("an inherited method", "function f(\\RuntimeException $e): string { return $e->getMessage(); }"),
    ("an int where a float is wanted", "function g(float $a): float { return $a; }\ng(1);"),
]


def said(code: str) -> str:
    source = INSIDE + "// Size Ware\n" + code if not code.startswith("namespace") else f"<?php\n{code}"
    used = "\nfunction z(Size $a, Ware $b): void { echo $a->value, $b->name; }\n" if source.startswith(INSIDE) else ""
    files = {"shop.php": SHOP.encode(), "counter.php": (source + used).encode()}
    return "\n".join(faults(files, outside(json.loads(OUTSIDE.read_text())), [])[0])


@pytest.mark.parametrize(("code", "word"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_what_must_fail_is_said(code: str, word: str) -> None:
    assert word in said(code)


@pytest.mark.parametrize("code", [one[1] for one in RIGHT], ids=[one[0] for one in RIGHT])
def test_what_is_right_is_left_alone(code: str) -> None:
    assert said(code) == ""


def test_a_class_is_where_the_autoloader_looks() -> None:
    files = {"plugin/Shop/Goods.php": SHOP.replace("enum Size", "enum Goods").encode()}
    assert faults(files, outside(json.loads(OUTSIDE.read_text())), ["plugin"])[0] == [
        "plugin/Shop/Goods.php:1: Floodgate\\Shop\\Ware is looked for in plugin/Shop/Ware.php",
        "plugin/Shop/Goods.php:12: there is no class Floodgate\\Shop\\Size",
        "plugin/Shop/Goods.php:18: there is no class Floodgate\\Shop\\Size",
    ]
