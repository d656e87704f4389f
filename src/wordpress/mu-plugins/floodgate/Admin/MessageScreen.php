<?php

declare(strict_types=1);

namespace Floodgate\Admin;

use Floodgate\Mail\Letters;
use Floodgate\Mail\MailServer;
use Floodgate\Mail\Message;
use Floodgate\Mail\Messages;
use Floodgate\Registration\Course;
use Floodgate\Registration\Database;
use Floodgate\Registration\Ledger;
use Floodgate\Registration\LedgerPart;
use Floodgate\Registration\TypedText;

/** A message to everybody in a course: written, looked at as it will come, and then sent; with those sent before. */
final class MessageScreen implements Screen
{
    private const NONCE = 'floodgate-message';

    private readonly Messages $messages;
    private readonly Ledger $ledger;
    private readonly FormMistakes $mistakes;
    private string $subject = '';
    private string $text = '';
    private bool $isPreview = false;

    public function __construct(Database $database, private readonly Course $course)
    {
        $this->messages = new Messages($database);
        $this->ledger = new Ledger($database, $course);
        $this->mistakes = new FormMistakes();
    }

    public function load(): void
    {
        /* translators: %s: title of a course */
        $GLOBALS['title'] = sprintf(__('Message: %s', 'floodgate'), $this->course->title);
        if ($_SERVER['REQUEST_METHOD'] !== 'POST' || !MailServer::isSet()) {
            return;
        }
        $post = wp_unslash($_POST);
        $typed = static fn (string $name): string => is_string($post[$name] ?? null) ? wp_check_invalid_utf8($post[$name], true) : '';
        $this->subject = TypedText::line($typed('subject'));
        $this->text = TypedText::lines($typed('text'));
        if (!Session::made(self::NONCE . $this->course->id)) {
            $this->mistakes->add('subject', Session::ended());
        }
        $this->look();
        if (!$this->mistakes->none()) {
            $this->mistakes->inTitle();
            return;
        }
        if ($typed('do') === 'send') {
            $this->messages->send($this->course, new Message($this->subject, $this->text, writtenBy: get_current_user_id()));
            wp_safe_redirect(Address::of(View::Message, $this->course, notice: Notice::MessageSent));
            exit;
        }
        $this->isPreview = $typed('do') !== 'edit';
    }

    private function look(): void
    {
        if ($this->subject === '') {
            $this->mistakes->add('subject', __('Please say in a few words what the message is about.', 'floodgate'));
        } elseif (mb_strlen($this->subject) > Message::SUBJECT_MAX) {
            /* translators: %d: number of characters */
            $this->mistakes->add('subject', sprintf(__('Please shorten this to %d characters.', 'floodgate'), Message::SUBJECT_MAX));
        }
        if ($this->text === '') {
            $this->mistakes->add('text', __('Please write the message.', 'floodgate'));
        } elseif (mb_strlen($this->text) > Message::TEXT_MAX) {
            /* translators: %d: number of characters */
            $this->mistakes->add('text', sprintf(__('Please shorten this to %d characters.', 'floodgate'), Message::TEXT_MAX));
        }
    }

    public function show(): void
    {
        ?>
        <div class="wrap floodgate">
        <h1 class="wp-heading-inline"><?php echo esc_html($GLOBALS['title']); ?></h1>
        <a class="page-title-action" href="<?php echo esc_url(Address::of(View::Ledger, $this->course)); ?>"><?php esc_html_e('Registrations', 'floodgate'); ?></a>
        <hr class="wp-header-end">
        <?php
        Notice::show();
        echo $this->mistakes->summary();
        if (!MailServer::isSet()) {
            echo '<p>', esc_html__('The site sends no e-mail: whoever runs it can change that in its settings.', 'floodgate'), '</p>';
        } elseif ($this->isPreview) {
            $this->preview();
        } else {
            $this->form();
        }
        $this->log();
        ?>
        </div>
        <?php
    }

    private function form(): void
    {
        $this->open();
        ?>
        <label for="floodgate-subject"><?php esc_html_e('Subject', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at('subject'); ?>
        <input type="text" class="large-text" maxlength="<?php echo esc_attr((string) Message::SUBJECT_MAX); ?>" required <?php echo $this->mistakes->attributes('subject'); ?> value="<?php echo esc_attr($this->subject); ?>">
        <label for="floodgate-text"><?php esc_html_e('Text', 'floodgate'); ?></label>
        <?php echo $this->mistakes->at('text'); ?>
        <textarea class="large-text" rows="10" maxlength="<?php echo esc_attr((string) Message::TEXT_MAX); ?>" required <?php echo $this->mistakes->attributes('text'); ?>><?php echo esc_textarea($this->text); ?></textarea>
        <p class="submit"><button type="submit" name="do" value="preview" class="button button-primary"><?php esc_html_e('Preview', 'floodgate'); ?></button></p>
        </form>
        <?php
    }

    private function preview(): void
    {
        $entry = $this->ledger->page(LedgerPart::Registered, '', 'claimed_at', true, 0, 1)[0] ?? null;
        $people = $this->ledger->count(LedgerPart::Registered);
        if ($entry === null) {
            echo '<p>', esc_html__('Nobody is registered: there is nobody to write to.', 'floodgate'), '</p>';
            return;
        }
        $letter = (new Letters($this->course, $entry))->message(new Message($this->subject, $this->text));
        ?>
        <h2><?php esc_html_e('As it will arrive', 'floodgate'); ?></h2>
        <p><?php esc_html_e('Each person gets a link to their own seat; the one shown here belongs to the last person who registered.', 'floodgate'); ?></p>
        <div class="floodgate-letter"><p><strong><?php echo esc_html($this->subject); ?></strong></p><?php echo nl2br(esc_html($letter->text())); ?></div>
        <?php $this->open(); ?>
        <input type="hidden" name="subject" value="<?php echo esc_attr($this->subject); ?>">
        <input type="hidden" name="text" value="<?php echo esc_attr($this->text); ?>">
        <p class="submit">
        <button type="submit" name="do" value="send" class="button button-primary"><?php echo esc_html(sprintf(
            /* translators: %s: number of people */
            _n('Send to %s person', 'Send to %s people', $people, 'floodgate'),
            number_format_i18n($people)
        )); ?></button>
        <button type="submit" name="do" value="edit" class="button"><?php esc_html_e('Change it', 'floodgate'); ?></button>
        </p>
        </form>
        <?php
    }

    private function open(): void
    {
        printf('<form method="post" novalidate class="floodgate-claim" action="%s">', esc_url(Address::of(View::Message, $this->course)));
        wp_nonce_field(self::NONCE . $this->course->id);
    }

    private function log(): void
    {
        $sent = $this->messages->of($this->course);
        if ($sent === []) {
            return;
        }
        ?>
        <h2><?php esc_html_e('Sent before', 'floodgate'); ?></h2>
        <table class="widefat striped">
        <thead><tr><th scope="col"><?php esc_html_e('When', 'floodgate'); ?></th><th scope="col"><?php esc_html_e('By', 'floodgate'); ?></th>
        <th scope="col"><?php esc_html_e('Subject', 'floodgate'); ?></th><th scope="col"><?php esc_html_e('E-mails', 'floodgate'); ?></th></tr></thead>
        <tbody>
        <?php foreach ($sent as [$message, $counts]) : ?>
        <tr><td><?php echo esc_html(Words::time($message->queuedAt, $this->course)); ?></td>
        <td><?php echo esc_html((string) (get_userdata($message->writtenBy) ?: null)?->display_name); ?></td>
        <td><?php echo esc_html($message->subject); ?></td>
        <td><?php echo esc_html(Words::mails($counts)); ?></td></tr>
        <?php endforeach; ?>
        </tbody></table>
        <?php
    }
}
