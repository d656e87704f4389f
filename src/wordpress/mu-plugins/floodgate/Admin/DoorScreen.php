<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Http\Page;
use Floodgate\Registration\Arrivals;
use Floodgate\Registration\ConfirmationCode;
use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\EmailAddress;
use Floodgate\Registration\Entry;
use Floodgate\Registration\Ledger;
use Floodgate\Registration\LedgerPart;
use Floodgate\Registration\TypedText;

/**
 * The list to tick at the door, on a phone. Each row is a form of its own, so it works without JavaScript; with it, a
 * tick is seen at once and told when there is a network.
 */
final class DoorScreen implements Screen
{
    private const NONCE = 'floodgate-door';

    private readonly Ledger $ledger;
    private readonly Arrivals $arrivals;
    private readonly string $search;

    public function __construct(Database $database, private readonly Course $course)
    {
        $this->ledger = new Ledger($database, $course);
        $this->arrivals = new Arrivals($database, $course);
        $this->search = TypedText::line(is_string($_GET['s'] ?? null) ? wp_check_invalid_utf8(wp_unslash($_GET['s']), true) : '');
    }

    public function load(): void
    {
        /* translators: %s: title of a course */
        $GLOBALS['title'] = sprintf(__('At the door: %s', 'floodgate'), $this->course->title);
        wp_enqueue_script('floodgate-door', Page::asset('door.js'), [], null, ['strategy' => 'defer']);
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            return;
        }
        check_admin_referer(self::NONCE . $this->course->id);
        $this->arrivals->mark([[
            'claim' => (int) filter_var($_POST['claim'] ?? null, FILTER_VALIDATE_INT),
            'here' => ($_POST['here'] ?? '') === '1',
            'at' => null,
        ]]);
        wp_safe_redirect($this->address());
        exit;
    }

    private function address(): string
    {
        return Address::of(View::Door, $this->course, $this->search === '' ? [] : ['s' => $this->search]);
    }

    public function show(): void
    {
        $entries = $this->ledger->page(LedgerPart::Registered, $this->search, 'name', false, 0, Arrivals::LISTED);
        $arrived = $this->arrivals->all();
        $people = $this->ledger->count(LedgerPart::Registered);
        $version = $this->arrivals->version();
        ?>
        <div class="wrap floodgate floodgate-door" data-api="<?php echo esc_url(rest_url("floodgate/v1/door/{$this->course->id}")); ?>" data-nonce="<?php echo esc_attr(wp_create_nonce('wp_rest')); ?>"
            data-version="<?php echo esc_attr($version); ?>" data-gone="<?php esc_attr_e('cancelled in the meantime', 'floodgate'); ?>"
            data-lost="<?php esc_attr_e('Your session has ended: please reload this page. What you ticked is kept on this device.', 'floodgate'); ?>">
        <h1 class="wp-heading-inline"><?php echo esc_html($GLOBALS['title']); ?></h1>
        <a class="page-title-action" href="<?php echo esc_url(Address::of(View::Ledger, $this->course)); ?>"><?php esc_html_e('Registrations', 'floodgate'); ?></a>
        <hr class="wp-header-end">
        <p><strong data-here><?php echo esc_html(number_format_i18n(count($arrived))); ?></strong>
        <?php
        /* translators: %s: number of people. Before it stands how many have come */
        echo esc_html(sprintf(__('of %s are here.', 'floodgate'), number_format_i18n($people)));
        ?></p>
        <p role="status" data-network data-waiting="<?php
            /* translators: %s: number of ticks */
            esc_attr_e('No network. Kept on this device until there is one: %s', 'floodgate');
        ?>"></p>
        <p role="status" data-changed hidden><?php esc_html_e('Somebody has registered or cancelled since this list was opened.', 'floodgate'); ?>
        <a href="<?php echo esc_url($this->address()); ?>"><?php esc_html_e('Reload the list', 'floodgate'); ?></a></p>
        <form method="get" action="<?php echo esc_url(admin_url('admin.php')); ?>" role="search">
        <input type="hidden" name="page" value="<?php echo esc_attr(Address::LIST); ?>">
        <input type="hidden" name="view" value="<?php echo esc_attr(View::Door->value); ?>">
        <input type="hidden" name="course" value="<?php echo esc_attr((string) $this->course->id); ?>">
        <p><label for="floodgate-find"><?php esc_html_e('Name or code', 'floodgate'); ?></label>
        <input type="search" id="floodgate-find" name="s" autocomplete="off" spellcheck="false" value="<?php echo esc_attr($this->search); ?>">
        <button type="submit" class="button" data-find><?php esc_html_e('Find', 'floodgate'); ?></button></p>
        </form>
        <?php if ($people > Arrivals::LISTED && $this->search === '') : ?>
        <p><?php
            /* translators: %s: number of people */
            echo esc_html(sprintf(__('The first %s people are listed. Find the others by name or code.', 'floodgate'), number_format_i18n(Arrivals::LISTED)));
        ?></p>
        <?php endif; ?>
        <ul class="floodgate-people" role="list">
        <?php
        // The same in each row.
        $address = esc_url($this->address());
        $nonce = wp_nonce_field(self::NONCE . $this->course->id, '_wpnonce', false, false);
        foreach ($entries as $entry) {
            $this->person($entry, isset($arrived[$entry->id]), $address, $nonce);
        }
        ?>
        </ul>
        <?php if ($entries === []) : ?>
        <p><?php echo esc_html($this->search === '' ? __('Nobody yet.', 'floodgate') : __('Nobody is found by this name, address or code.', 'floodgate')); ?></p>
        <?php endif; ?>
        </div>
        <?php
    }

    /** @param string $address HTML @param string $nonce HTML */
    private function person(Entry $entry, bool $isHere, string $address, string $nonce): void
    {
        $email = EmailAddress::shown($entry->email);
        $name = $entry->isErased() ? __('Erased at the person’s request', 'floodgate') : $entry->name;
        ?>
        <li data-claim="<?php echo esc_attr((string) $entry->id); ?>" data-find="<?php echo esc_attr(mb_strtolower(TypedText::bare("$name $entry->email $email $entry->code"))); ?>" data-arrived="<?php echo $isHere ? '1' : ''; ?>">
        <form method="post" action="<?php echo $address; ?>">
        <?php echo $nonce; ?>
        <input type="hidden" name="claim" value="<?php echo esc_attr((string) $entry->id); ?>">
        <input type="hidden" name="here" value="<?php echo $isHere ? '0' : '1'; ?>">
        <button type="submit" class="button" aria-pressed="<?php echo $isHere ? 'true' : 'false'; ?>">
        <span class="screen-reader-text"><?php esc_html_e('Here:', 'floodgate'); ?></span>
        <strong><?php echo esc_html($name); ?></strong>
        <span class="floodgate-code"><?php echo esc_html(ConfirmationCode::grouped($entry->code)); ?></span>
        </button>
        </form>
        </li>
        <?php
    }
}
